"""The route of a delivery. It is part of a replay key: the same id at two routes means two deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from flyte_runtime.serving.scope_keys import LOCAL_PATH

__all__ = ["path_of", "route_of"]


def path_of(scope: Mapping[str, Any]) -> str:
    """Return the path of the request without the prefix that a proxy has stripped.

    An application may be reachable with and without a prefix. If a delivery comes to both addresses, the second is a
    replay.
    """
    path: str = scope.get(LOCAL_PATH, scope["path"])
    return path


def route_of(scope: Mapping[str, Any]) -> str:
    """Return the path with the names of its parameters in place of their values.

    The URL is not signed. With the values, a captured delivery could be replayed under another path parameter.
    A mount or a router's prefix in front of the route is included only if it has no parameters.
    """
    path = path_of(scope)
    names = [f"{{{name}}}" for name in scope.get("path_params") or ()]
    if not names:
        return path
    route = scope.get("route")
    # FastAPI stores the route in the scope. Older versions of Starlette do not; for them, use the names.
    template = route.path if isinstance(route, Route) else ""
    # Then all parameters are in the route's own path, and none of them contains a "/" (`{name:path}` could).
    if all(name in template for name in names):
        prefix = path.split("/")[: path.count("/") - template.count("/") + 1]
        return "/".join(prefix) + template
    return template or "/".join(names)
