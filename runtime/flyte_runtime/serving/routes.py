"""Finds out whether a Starlette or FastAPI application has a route for a path."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal

__all__ = ["Owner", "owner_of", "visible_routes"]

Owner = Literal["application", "nobody", "unknown"]

_FULL = 2  # starlette.routing.Match.FULL: path and method match


def owner_of(app: Any, scope: Mapping[str, Any]) -> Owner:
    """Return who owns the path of a request: the application, nobody, or unknown if the routes are not visible.

    The application owns the path if the matching route spells it out. A route that matches it by a parameter
    (`/{name}`, a catch-all), or for another method only, does not own it.

    The routes of Starlette and FastAPI are visible, also behind mounts and included routers.
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
    """Return the routes in the order in which they are tried, including those of included routers.

    Return None for an application that does not show its routes.
    """
    routes = getattr(app, "routes", None)
    if not isinstance(routes, list):
        return None
    # Later versions of FastAPI store an included router as one route, which hides the routes in it.
    flatten: Any = getattr(sys.modules.get("fastapi.routing"), "iter_route_contexts", None)
    flat: Iterable[Any] = routes if flatten is None else flatten(routes)
    visible = list(flat)
    return visible if all(hasattr(route, "matches") for route in visible) else None
