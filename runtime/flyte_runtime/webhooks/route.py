"""Where a delivery came in, which is part of what it is known by: two routes' deliveries are not one another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.routing import Route

from flyte_runtime.serving.scope_keys import LOCAL_PATH

__all__ = ["path_of", "route_of"]


def path_of(scope: Mapping[str, Any]) -> str:
    """Return the path of the request without the prefix that a proxy has stripped.

    An application can be reached with and without a prefix; a delivery that was taken at one of these addresses is
    a replay at the other.
    """
    path: str = scope.get(LOCAL_PATH, scope["path"])
    return path


def route_of(scope: Mapping[str, Any]) -> str:
    """The path, with the names of its parameters in place of their values: who has captured a delivery can choose
    those, and it would count anew with each.

    Of what stands before the route's own path (a mount, a router's prefix) only what has no parameters counts.
    """
    path = path_of(scope)
    names = [f"{{{name}}}" for name in scope.get("path_params") or ()]
    if not names:
        return path
    route = scope.get("route")
    # FastAPI says which route it is, plain Starlette in later versions only: before, the names have to do.
    template = route.path if isinstance(route, Route) else ""
    if all(name in template for name in names):  # so none is in front, and none takes a "/", as `{name:path}` does
        in_front = path.split("/")[: path.count("/") - template.count("/") + 1]
        return "/".join(in_front) + template
    return template or "/".join(names)
