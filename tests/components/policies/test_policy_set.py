"""Rules of a team: severities, exemptions, rules of its own, and the file that they are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pulumi_flyte.policies import BUILTIN, Exemption, Finding, PolicyError, PolicySet, Resource, builtin_policies, rule
from pulumi_flyte.policies.builtin import bounded_replicas
from pulumi_flyte.policies.loading import load_policies

WEB = Resource("flyte:api:App", "web", "urn:pulumi:dev::shop::flyte:index:App$flyte:api:App::web", {"image": "web"})


@rule("names-of-teams", "A name begins with the team's.", remedy="rename it", severity="advisory")
def names_of_teams(resource: Resource) -> Iterator[Finding]:
    if not resource.name.startswith("team-"):
        yield Finding("", f"{resource.name!r} names no team")


def broken(policies: PolicySet) -> dict[str, bool]:
    return {each.rule: each.mandatory for each in policies.violations([WEB])}


def test_severities_and_exemptions_are_those_that_a_team_sets() -> None:
    assert broken(builtin_policies()) == {"no-latest-tag": True, "image-by-content": False, "memory-limit": False}
    severity = builtin_policies(severity={"image-by-content": "mandatory", "memory-limit": "off"})
    assert broken(severity) == {"no-latest-tag": True, "image-by-content": True}
    exempt = builtin_policies(exemptions=[Exemption("no-latest-tag", "web", reason="a demo")])
    assert broken(exempt) == {"image-by-content": False, "memory-limit": False}


def test_a_rule_of_a_team_is_one_function() -> None:
    policies = PolicySet([names_of_teams])
    assert [each.message for each in policies.violations([WEB])] == ["'web' names no team: rename it"]
    assert "names-of-teams" in broken(builtin_policies(rules=[names_of_teams]))


def test_a_rule_takes_the_place_of_one_with_its_id() -> None:
    @rule("no-latest-tag", "Anything goes.", remedy="")
    def anything(resource: Resource) -> Iterator[Finding]:
        return iter(())

    assert "no-latest-tag" not in broken(builtin_policies(rules=[anything]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: builtin_policies(severity={"memory-limits": "off"}), "did you mean 'memory-limit'"),
        (lambda: builtin_policies(severity={"memory-limit": "fatal"}), "off (got 'fatal')"),  # type: ignore[dict-item]
        (lambda: builtin_policies(exemptions=[Exemption("no-latest", "web", "x")]), "did you mean 'no-latest-tag'"),
        (lambda: builtin_policies(exemptions=[Exemption("no-latest-tag", "web", " ")]), "has no reason"),
        (lambda: PolicySet([*BUILTIN, BUILTIN[0]]), "two rules have the id 'public-app-needs-auth'"),
        (lambda: builtin_policies(rules=[names_of_teams, names_of_teams]), "two rules have the id 'names-of-teams'"),
        (lambda: builtin_policies(rules=[bounded_replicas]), "bounded_replicas is not a rule"),  # type: ignore[list-item]
        (lambda: PolicySet(names_of_teams), "rules: expected a list"),  # type: ignore[arg-type]
        (lambda: PolicySet([replace(names_of_teams, severity="Mandatory")]), "(got 'Mandatory')"),  # type: ignore[arg-type]
        (lambda: PolicySet([replace(names_of_teams, id="")]), "a rule has no id"),
        (lambda: builtin_policies(exemptions=["web"]), "'web' is not an Exemption"),  # type: ignore[list-item]
        (lambda: builtin_policies(exemptions=[Exemption("no-latest-tag", "web", None)]), "has no reason"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_mistakes_say_what_was_meant(make: object, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        make()  # type: ignore[operator]
    assert message in str(refused.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PolicyError, match=r"memory-limits.*no-latest.*has no reason"):
        builtin_policies(severity={"memory-limits": "off"}, exemptions=[Exemption("no-latest", "web", "")])


@pytest.mark.parametrize("result", [None, 5, ["text"], [("image", "is old")], Finding("", "not in a list")])
def test_a_rule_that_fails_is_named_without_a_value(result: object) -> None:
    policies = PolicySet([replace(names_of_teams, check=lambda resource: result)])  # type: ignore[arg-type,return-value]
    with pytest.raises(PolicyError, match="the rule 'names-of-teams'"):
        list(policies.violations([WEB]))


def test_the_error_of_a_rule_shows_no_value_of_a_resource() -> None:
    def check(resource: Resource) -> Iterator[Finding]:
        raise ValueError(resource.inputs)

    with pytest.raises(PolicyError, match=r"ValueError in test_policy_set\.py, line \d+") as refused:
        list(PolicySet([replace(names_of_teams, check=check)]).violations([WEB]))
    assert "web'}" not in str(refused.value)


def test_standard_output_is_left_to_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "policies.py"
    file.write_text(
        "from pulumi_flyte.policies import PolicySet, rule\nprint('loading')\n"
        "policies = PolicySet([rule('a', 'A.', remedy='b')(lambda resource: print('checking') or [])])\n"
    )
    assert list(load_policies(str(file)).violations([WEB])) == []
    assert capsys.readouterr() == ("", "loading\nchecking\n")


def test_policies_are_read_from_a_file_or_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "policies.py"
    file.write_text("from pulumi_flyte.policies import builtin_policies\npolicies = builtin_policies()\n")
    for place in (str(file), str(tmp_path), "builtin"):
        assert len(load_policies(place).rules) == len(BUILTIN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no such file"),
        ("x = 1", "it has no `policies = builtin_policies"),
        ("1/0", "cannot be run: ZeroDivisionError"),
        ("exit(0)", "cannot be run: SystemExit"),
        ("from pulumi_flyte.policies import *\nbuiltin_policies(severity={'x': 'off'})", "no such rule"),
    ],
)
def test_a_file_without_policies_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    file = tmp_path / "mine.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(PolicyError, match=r"mine\.py") as refused:
        load_policies(str(file))
    assert message in str(refused.value)
