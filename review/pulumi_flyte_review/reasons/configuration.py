"""Keys of the stack's configuration that a change comes from. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from pulumi_flyte.workload.manifest import OUTPUT, configuration_of, shortened

from pulumi_flyte_review.model.preview import Json
from pulumi_flyte_review.model.reason import ConfigurationReason
from pulumi_flyte_review.model.workload import Workload
from pulumi_flyte_review.reasons.differences import differences


def changed_configuration(environments: Iterable[Workload]) -> Mapping[str, tuple[str | None, str | None]]:
    """Return the keys whose values differ, with the values before and after. Environments remember them."""
    changed: dict[str, tuple[str | None, str | None]] = {}
    for environment in environments:
        before, after = (configuration_of(outputs.get(OUTPUT)) for outputs in environment.outputs)
        # A state without a manifest tells nothing of the configuration.
        if before is not None and after is not None:
            changed |= {
                key: (before.get(key), after.get(key))
                for key in sorted({*before, *after})
                if before.get(key) != after.get(key)
            }
    return changed


def configuration_reasons(
    old: Json, new: Json, changed: Mapping[str, tuple[str | None, str | None]]
) -> Iterator[ConfigurationReason]:
    """Yield the keys that have the old value before and the new one after. A default stands in for a missing key."""
    for key, (before, after) in changed.items():
        if before in (None, _text(old)) and after in (None, _text(new)):
            yield ConfigurationReason(key)


def settings_reasons(
    environment: Workload, changed: Mapping[str, tuple[str | None, str | None]]
) -> Iterator[ConfigurationReason]:
    """Yield the keys that are named as a setting of the environment that differs."""
    before, after = (outputs.get("settings") for outputs in environment.outputs)
    for path, _, _ in differences(before, after):
        # The path is empty if a side has no settings, such as a preview in which one of them is not known yet.
        if path and f"flyte:{path[0]}" in changed:
            yield ConfigurationReason(f"flyte:{path[0]}")


def _text(value: Json) -> str | None:
    """Return a value as the configuration has it."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return shortened(value if isinstance(value, str) else json.dumps(value))
