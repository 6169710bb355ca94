"""A rule's function, called for a resource. It is code of a team, so it may print, fail, or yield anything."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from pulumi_flyte.policies.resource import Resource
from pulumi_flyte.policies.rule import Finding, PolicyError, Rule, Violation


def violations_of(rule: Rule, resource: Resource) -> Iterator[Violation]:
    """Yield what breaks a rule at a resource. Raises PolicyError if the rule's function fails."""
    for finding in _findings(rule, resource):
        yield Violation(rule.id, resource.urn, message_of(rule, finding), rule.severity == "mandatory")


def message_of(rule: Rule, finding: Finding) -> str:
    """Return the message of a finding: the property, what is wrong with it, what to do."""
    path = f"{finding.path}: " if finding.path else ""
    return f"{path}{finding.reason}: {rule.remedy}"


def _findings(rule: Rule, resource: Resource) -> list[Finding]:
    """Return what a rule finds. Raises PolicyError if its function fails, without a value of the resource."""
    try:
        # Standard output is the report's, or in a pack the engine's.
        with contextlib.redirect_stdout(sys.stderr):
            findings = list(rule.check(resource))
    except Exception as error:
        *_, last = traceback.extract_tb(error.__traceback__)
        place = f"{Path(last.filename).name}, line {last.lineno}"
        raise PolicyError(
            f"the rule {rule.id!r} fails for {resource.type} {resource.name!r}: {type(error).__name__} in {place}."
            " Its function yields each Finding, and a property that is absent is None"
        ) from None
    for each in findings:
        if not isinstance(each, Finding):
            raise PolicyError(f"the rule {rule.id!r} yields a {type(each).__name__}: yield Finding(path, reason)")
    return findings
