"""Exit codes of the subcommands that write a report."""

from __future__ import annotations

import pytest
from pulumi_flyte_review.commands.exit_codes import KINDS, exit_code
from pulumi_flyte_review.commands.main import main
from pulumi_flyte_review.model.preview import PolicyViolation
from pulumi_flyte_review.model.reason import DriftReason
from pulumi_flyte_review.model.report import Change, Connection, ContractBreak, Reachability, Report

QUIET = Report("shop", "dev")
UPDATE = Report("shop", "dev", changes=(Change("app", "web", "u", "update"),))
REPORTS = {
    "delete": Report("shop", "dev", changes=(Change("app", "web", "u", "delete"),)),
    "replace": Report("shop", "dev", others={"replace": ("aws:s3:Bucket logs",)}),
    "contract": Report("shop", "dev", contracts=(ContractBreak("a", "b", "GET /", "gone", "a.py", 1),)),
    "reachability": Report("shop", "dev", reachability=Reachability((Connection("a", "b", "80"),))),
    "policy": Report("shop", "dev", policies=(PolicyViolation("pack", "rule", "no", True),)),
    "drift": Report("shop", "dev", changes=(Change("app", "web", "u", "update", (DriftReason("active"),)),)),
    "any": UPDATE,
}


def test_no_change_is_zero_whatever_one_fails_on() -> None:
    assert exit_code(QUIET) == exit_code(QUIET, KINDS) == 0


def test_changes_are_two() -> None:
    assert exit_code(UPDATE) == 2
    assert exit_code(UPDATE, ("delete", "replace")) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_fails_on_is_three_and_nothing_else_is(kind: str) -> None:
    assert exit_code(REPORTS[kind], (kind,)) == 3
    others = tuple(each for each in KINDS if each not in (kind, "any"))
    assert exit_code(REPORTS[kind], others) != 3


def test_a_kind_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["diff", "--fail-on", "delete,everything"])
    assert "unknown kind 'everything': choose from delete, replace" in capsys.readouterr().err


def test_an_error_is_one_message_on_standard_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["diff"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: there is no `pulumi` on PATH")
