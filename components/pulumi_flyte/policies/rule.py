"""`Rule`: what must hold for each resource of a preview. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from pulumi_flyte.policies.resource import Resource

# A mandatory rule stops an update; an advisory one is shown.
Severity: TypeAlias = Literal["mandatory", "advisory", "off"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class PolicyError(Exception):
    """Policies that cannot be used: a wrong id, severity or file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A property that breaks a rule. path: empty for the resource as a whole."""

    path: str
    reason: str


Check: TypeAlias = Callable[[Resource], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. text: a sentence that says what must hold. remedy: what to do if it does not.

    reads_outputs: whether it looks at outputs. A policy pack checks such a rule once all resources are there.
    """

    id: str
    text: str
    remedy: str
    severity: Severity
    check: Check
    reads_outputs: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """A resource that breaks a rule."""

    rule: str
    urn: str
    message: str
    mandatory: bool


def rule(
    id: str, text: str, *, remedy: str, severity: Severity = "mandatory", reads_outputs: bool = False
) -> Callable[[Check], Rule]:
    """Make a rule of a function that yields the findings of one resource.

    Args:
        id: Such as `no-latest-tag`. Settings and exemptions name the rule by it.
        text: A sentence that says what must hold.
        remedy: What to do where it does not.
        severity: `mandatory` stops an update, `advisory` is shown.
        reads_outputs: True for a function that looks at `resource.outputs`.
    """
    return lambda check: Rule(id, text, remedy, severity, check, reads_outputs)
