"""`Health`: how an app shows that it can take requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, TypedDict

from pydantic import Strict
from typing_extensions import NotRequired

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.refusal import Expected, rule
from pulumi_flyte.arguments.values import Seconds

_PATH = "a path starts with '/' and has no spaces"


def path_problem(path: str) -> str | None:
    """Return why a text cannot be the path of a URL, or None if it can."""
    return None if path.startswith("/") and " " not in path else _PATH


HealthPath = Annotated[str, Strict(), Expected(_PATH), rule(path_problem)]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Health(Declaration):
    """The check that shows that an app can take requests."""

    expected: ClassVar[str] = 'expected a path such as "/healthz", or {"path": "/healthz", "timeout": 120}'
    shorthands: ClassVar[tuple[type, ...]] = (str,)

    path: Annotated[HealthPath, Property("Answers 2xx once the app can take requests.")]
    timeout: Annotated[
        Seconds | None, Property("Seconds that the app may take until then, for one that loads longer than a minute.")
    ] = None

    @classmethod
    def from_shorthand(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value


class HealthDict(TypedDict):
    """`Health` as a mapping."""

    path: str
    timeout: NotRequired[float | timedelta | None]
