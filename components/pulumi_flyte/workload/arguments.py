"""The arguments that apps and tasks have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from pulumi_flyte.engine.outputs import Text, lift
from pulumi_flyte.image import chosen
from pulumi_flyte.notation.versions import version_of
from pulumi_flyte.platforms import Platform
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.source.description import Description
from pulumi_flyte.wiring.container import Kind

_KINDS: dict[type, tuple[tuple[str, ...], str]] = {
    bool: (("requires_auth", "active", "adopt"), "True or False"),
    str: (("description", "service_account", "name", "auth_rotation"), "a plain string"),
}


def check_kinds(given: Mapping[str, Any], problems: Problems) -> None:
    """Arguments that are passed on as they are: a mistake is reported with all others, under the name it was given."""
    for kind, (keys, expected) in _KINDS.items():
        for key in keys:
            if key in given and not isinstance(given[key], kind):
                problems.add(key, expected, given[key])


def flyte_name(resource_name: str, given: Any, own: Any, rule: Callable[[str], str | None], problems: Problems) -> str:
    """A Flyte source's own name wins; a contradicting `name=` is an error. `rule` says what is wrong with a name."""
    if own and given and own != given:
        problems.add("name", f"the source calls itself {own!r}: leave name= out, or rename it there", given)
    name = str(own or (resource_name if given is None else given))
    problems.add("name", rule(name), name)
    return name


def strings_of(given: Any, path: str, problems: Problems) -> list[Text] | None:
    """A command or its arguments: a list of strings, each of which may be an Output."""
    if given is None:
        return None
    words = isinstance(given, Sequence) and all(isinstance(part, (str, pulumi.Output)) for part in given)
    if isinstance(given, str) or not words:
        problems.add(path, 'a list of strings, one per word: ["streamlit", "run", "page.py"]', given)
        return []
    return list(given)


def version_over(spec: Mapping[str, Any]) -> Any:
    """Of the whole specification; an Output where that contains one."""
    return lift(version_of, {name: value for name, value in spec.items() if value is not None})


def beside_spec(given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What a version does not count: where the workload is, and how it is taken over."""
    return {
        "project": settings.project,
        "domain": settings.domain,
        "org": settings.org or None,
        "adopt": given.get("adopt"),
        "instance": settings.instance,
    }


def warnings_of(
    kind: Kind, platform: Platform, given: Mapping[str, Any], description: Description, settings: Settings
) -> list[str]:
    """Return what a preview should say of the platform: what it does not carry out."""
    effective = {**given, "image": chosen(given.get("image"), description.image, settings.image)}
    return list(platform.warnings(kind, effective, description))
