"""Each reason is the truth: undoing what it names, and only that, takes the change away."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from pulumi_flyte.source import staging
from pulumi_flyte_review.model.preview import Preview
from pulumi_flyte_review.model.reason import ArgumentReason, PropertyReason, Reason, UpstreamReason
from pulumi_flyte_review.model.report import Change
from pulumi_flyte_review.report.building import report_of

from tests.review.generated import edits as edit_kinds
from tests.review.generated.edits import Edit, edited
from tests.review.generated.programs import generated
from tests.review.generated.runs import Runs


def changes_of(preview: Preview) -> dict[str, Change]:
    return {f"{change.kind} {change.name}": change for change in report_of(preview).changes}


def roots(title: str, changes: Mapping[str, Change], edits: list[Edit]) -> dict[Reason, frozenset[int]]:
    """Return the edits that each reason of a change names, through the changes of others that it names."""
    return {
        _hashable(reason): _roots_of(title, reason, changes, edits, frozenset({title}))
        for reason in changes[title].reasons
    }


def _roots_of(
    title: str, reason: Reason, changes: Mapping[str, Change], edits: list[Edit], visited: frozenset[str]
) -> frozenset[int]:
    direct = frozenset(index for index, edit in enumerate(edits) if edit.causes(title, reason))
    if isinstance(reason, UpstreamReason) and not direct:
        upstream = f"{reason.kind} {reason.name}"
        if upstream in changes and upstream not in visited:
            inherited = (
                _roots_of(upstream, each, changes, edits, visited | {upstream}) for each in changes[upstream].reasons
            )
            return direct.union(*inherited)
    return direct


def _hashable(reason: Reason) -> Reason:
    """Return a reason that can be a key: values may be mappings."""
    if isinstance(reason, ArgumentReason):
        return ArgumentReason(reason.path, repr(reason.old), repr(reason.new), reason.secret)
    if isinstance(reason, PropertyReason):
        return PropertyReason(reason.path, reason.resource, repr(reason.old), repr(reason.new))
    return reason


def changed_urns(preview: Preview) -> set[str]:
    return {step.urn for step in preview.steps if step.operation not in ("same", "read")}


def check(runs: Runs, seed: int, count: int, outcomes: Counter[str]) -> None:
    """Generate a program and some sets of edits of it, and undo each edit alone."""
    chance = random.Random(seed)
    program = generated(chance)
    base = runs.declarations(program)
    for _ in range(count):
        edits = edit_kinds.several(chance, program, chance.choice([1, 1, 2, 3]))
        where = f"seed {seed}: {[edit.name for edit in edits]}"
        preview = runs.preview(base, edited(program, edits))
        changes = changes_of(preview)
        reported = {urn for change in changes.values() for urn in (*change.resources, change.urn)}
        components = {step.urn for step in preview.steps if step.type.startswith(("flyte:index:", "pulumi:"))}
        assert changed_urns(preview) - components <= reported, f"{where}: changes without a name"
        causes = {title: roots(title, changes, edits) for title in changes}
        for title, reasons in causes.items():
            for reason, indices in reasons.items():
                assert indices, f"{where}: {title} has a reason that no edit caused: {reason}"
                outcomes[type(reason).__name__] += 1
        outcomes["edits"] += len(edits)
        for index in range(len(edits)):
            without = [edit for number, edit in enumerate(edits) if number != index]
            left = changes_of(runs.preview(base, edited(program, without))) if without else {}
            for title, reasons in causes.items():
                by_others = {reason for reason, indices in reasons.items() if indices - {index}}
                if changes[title].operation != "update":
                    continue
                context = f"{where}, without {edits[index].name}: {title}"
                if not by_others:
                    assert title not in left or left[title].operation in ("create", "delete"), (
                        f"{context} still changes"
                    )
                    outcomes["undone"] += 1
                elif title in left:
                    remaining = set(map(_hashable, left[title].reasons))
                    gone = {reason for reason, indices in reasons.items() if indices == {index}}
                    assert not gone & remaining, f"{context} still has {gone & remaining}"
                    outcomes["partly undone"] += 1
                else:
                    raise AssertionError(f"{context} is gone, although {by_others} are left")


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return Runs(tmp_path / "program")


def test_undoing_what_a_reason_names_takes_the_change_away(runs: Runs) -> None:
    outcomes: Counter[str] = Counter()
    check(runs, 0, 3, outcomes)
    assert outcomes["undone"] >= 3, outcomes


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_undoing_one_of_500_edits_takes_its_changes_away(runs: Runs) -> None:
    outcomes: Counter[str] = Counter()
    seed = 0
    while outcomes["edits"] < 500:
        check(runs, seed, 4, outcomes)
        seed += 1
    print(dict(outcomes))
