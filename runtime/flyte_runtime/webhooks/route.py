"""The route of a delivery. It is part of a replay key: the same id at two routes means two deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from flyte_runtime.serving.scope_keys import LOCAL_PATH

__all__ = ["path_of", "route_of"]


def path_of(scope: Mapping[str, Any]) -> str:
    """Return the path of the request without the prefix that a proxy has stripped.

    An application can be reached with and without a prefix. A delivery that came by one of these addresses is a replay
    at the other.
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
    # FastAPI stores the route in the scope. Starlette does so only in later versions; before, use the names.
    template = route.path if isinstance(route, Route) else ""
    # All parameters are then in the route's own path, and none contains a "/", as `{name:path}` would.
    if all(name in template for name in names):
        prefix = path.split("/")[: path.count("/") - template.count("/") + 1]
        return "/".join(prefix) + template
    return template or "/".join(names)
