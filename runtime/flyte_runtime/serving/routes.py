"""Looks at the routes of Starlette's and FastAPI's applications, and says whether a path has a route of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal

__all__ = ["Owner", "owner_of", "visible_routes"]

Owner = Literal["application", "nobody", "unknown"]

_FULL = 2  # starlette.routing.Match.FULL: path and method match


def owner_of(app: Any, scope: Mapping[str, Any]) -> Owner:
    """Return who owns the path of the request: the application, nobody, or unknown where it has no visible routes.

    The application owns the path if the route that would take the request spells it. A route that takes it as the
    value of a parameter (`/{name}`, a catch-all), or takes it with another method only, was not made for it.
    Starlette's and FastAPI's routes are visible, also behind mounts and included routers.
    """
    routes = visible_routes(app)
    if routes is None:
        return "unknown"
    parameters = scope.get("path_params", {})
    for route in routes:
        match, child = route.matches(dict(scope))
        if match.value != _FULL:
            continue
        if hasattr(route, "routes"):  # a mount or a host: its application decides
            return owner_of(route.app, {**scope, **child})
        if "path_params" not in child:
            return "unknown"
        return "application" if child["path_params"] == parameters else "nobody"
    return "nobody"


def visible_routes(app: Any) -> list[Any] | None:
    """Return the routes in the order in which they are tried, with those of included routers in their places.

    Return None for an application that does not show its routes.
    """
    routes = getattr(app, "routes", None)
    if not isinstance(routes, list):
        return None
    # Later versions of FastAPI keep an included router as one route, which does not say what is in it.
    flat: Any = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", None)
    seen: Iterable[Any] = routes if flat is None else flat(routes)
    visible = list(seen)
    return visible if all(hasattr(route, "matches") for route in visible) else None
