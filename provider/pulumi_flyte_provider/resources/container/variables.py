"""The variables of a container. Read removes those that the plugin has added, so they never appear in a diff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flyte_runtime.contract import AUTH_VARIABLE, HEALTH_PATH_VARIABLE, HEALTH_TIMEOUT_VARIABLE
from flyteidl2.core.literals_pb2 import KeyValuePair

from pulumi_flyte_provider.ownership import mark
from pulumi_flyte_provider.ownership.mark import Mark


@dataclass(frozen=True)
class Added:
    """The variables that the plugin adds to the declared ones."""

    mark: Mark | None = None
    health_path: str | None = None
    health_timeout: float | None = None
    requires_auth: bool | None = None

    def variables(self) -> dict[str, str]:
        """Return the additions as variables."""
        added: dict[str, str] = {}
        if self.mark is not None:
            added[mark.VARIABLE] = self.mark.to_json()
        if self.health_path is not None:
            added[HEALTH_PATH_VARIABLE] = self.health_path
        if self.health_timeout is not None:
            added[HEALTH_TIMEOUT_VARIABLE] = f"{self.health_timeout:g}"
        if self.requires_auth:
            added[AUTH_VARIABLE] = "true"
        return added


def write(declared: dict[str, str], added: Added) -> list[KeyValuePair]:
    """Return all variables, sorted, so that equal specs give equal bytes."""
    values = {**declared, **added.variables()}
    return [KeyValuePair(key=key, value=values[key]) for key in sorted(values)]


def read(pairs: Iterable[KeyValuePair]) -> tuple[dict[str, str], Added]:
    """Return the declared variables, and those that the plugin had added."""
    values = {pair.key: pair.value for pair in pairs}
    added = Added(
        mark=Mark.from_json(values.pop(mark.VARIABLE, None)),
        health_path=values.pop(HEALTH_PATH_VARIABLE, None),
        health_timeout=_seconds(values.pop(HEALTH_TIMEOUT_VARIABLE, None)),
        requires_auth=values.pop(AUTH_VARIABLE, None) == "true" or None,
    )
    return values, added


def _seconds(text: str | None) -> float | None:
    """Return a number of seconds, or None for another text, which another tool may have written."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
