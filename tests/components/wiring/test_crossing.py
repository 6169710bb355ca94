"""The references between projects, domains and control planes: the table of docs/scopes.md."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from pulumi_flyte import links
from pulumi_flyte.links import AppEndpoint, AppLink, Link, SecretLink, TaskLink, TaskRef
from pulumi_flyte.naming.control_planes import ControlPlane
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.crossing import crossing_problem
from pulumi_flyte.wiring.resolution import resolve

HERE = Settings(platform="flyte", project="shop", endpoint="dns:///flyte.example.com", org="acme")
DIFFERENCES = {
    "same": HERE,
    "project": replace(HERE, project="other"),
    "domain": replace(HERE, domain="staging"),
    "endpoint": replace(HERE, endpoint="dns:///flyte.example.org"),
    "organisation": replace(HERE, org="beta"),
    "platform": Settings(platform="local", project="shop"),
}
CONTROL_PLANES = ("endpoint", "organisation", "platform")
CANNOT_CROSS = {
    "app": CONTROL_PLANES,
    "task": CONTROL_PLANES,
    "secret": ("project", "domain", *CONTROL_PLANES),
}
TABLE = [(kind, difference) for kind in CANNOT_CROSS for difference in DIFFERENCES]


def link_of(kind: str, settings: Settings) -> AppLink | TaskLink | SecretLink:
    plane = settings.control_plane
    if kind == "app":
        return AppLink(settings.project, settings.domain, "web", "http://web", control_plane=plane)
    if kind == "task":
        return TaskLink(settings.project, settings.domain, "words.count", "v1", control_plane=plane)
    return SecretLink("api-key", "v1", settings.project, settings.domain, control_plane=plane)


def problems_of(reference: Any, kind: str, consumer: Literal["App", "Task"], settings: Settings = HERE) -> list[str]:
    problems = Problems()
    place = ({}, {"KEY": reference}) if kind == "secret" else ({"KEY": reference}, {})
    resolve(*place, Consumer(consumer, "caller", settings), problems)
    return [str(problem) for problem in problems]


@pytest.mark.parametrize("consumer", ["App", "Task"])
@pytest.mark.parametrize(("kind", "difference"), TABLE)
def test_what_may_cross(kind: str, difference: str, consumer: Literal["App", "Task"]) -> None:
    link = link_of(kind, DIFFERENCES[difference])
    forms: list[Any] = [link, json.loads(json.dumps(link.as_dict()))]
    if kind != "secret":
        forms += [Link(link, timeout=3), {"to": link.as_dict(), "timeout": 3}]  # type: ignore[arg-type]
    for form in forms:
        problems = problems_of(form, kind, consumer)
        if difference in CANNOT_CROSS[kind]:
            assert len(problems) == 1
            assert problems[0].startswith("secrets.KEY: " if kind == "secret" else "inputs.KEY: ")
            assert repr(link.name) in problems[0]
        else:
            assert problems == []


@pytest.mark.parametrize("other", [AppEndpoint("web", project="other"), TaskRef("words.count", domain="staging")])
def test_a_name_may_be_of_another_project_or_domain(other: Any) -> None:
    assert problems_of(other, "input", "App") == []


def test_the_message_names_both_places_and_the_way_out() -> None:
    (problem,) = problems_of(link_of("secret", DIFFERENCES["project"]), "secret", "App")
    assert "'api-key' is in other/development" in problem
    assert "shop/development" in problem
    assert "declare a Secret in this Environment too" in problem
    (problem,) = problems_of(link_of("app", DIFFERENCES["platform"]), "app", "App")
    assert "local at http://127.0.0.1:8480" in problem
    assert "flyte at https://flyte.example.com, organisation acme" in problem
    assert "as a plain string" in problem


@pytest.mark.parametrize(
    ("secret", "crosses"),
    [
        (SecretLink("k", None, None, None), True),
        (SecretLink("k", None, "", "development"), True),
        (SecretLink("k", None, None, "staging"), False),
    ],
    ids=["everybody's", "the domain's", "another domain's"],
)
def test_a_secret_without_a_project_is_its_domains(secret: SecretLink, crosses: bool) -> None:
    assert (crossing_problem(secret, HERE) is None) is crosses


def test_the_link_of_an_older_version_is_not_compared_by_what_it_lacks() -> None:
    app = {"kind": "app", "project": "p", "domain": "d", "name": "web", "url": "http://web"}
    assert problems_of(app, "app", "App") == []
    assert problems_of({**app, "colour": "red"}, "app", "App") == [], "a newer version's link may say more"
    secret = {"kind": "secret", "name": "k", "project": "other", "domain": "development"}
    assert len(problems_of(secret, "secret", "App")) == 1


@pytest.mark.parametrize("kind", CANNOT_CROSS)
def test_a_link_round_trips(kind: str) -> None:
    link = link_of(kind, HERE)
    assert links.from_dict(json.loads(json.dumps(link.as_dict()))) == link


@pytest.mark.parametrize(
    "endpoint",
    ["flyte.example.com", "dns:///flyte.example.com", "https://FLYTE.example.com:443/", "https://flyte.example.com"],
)
def test_one_control_plane_has_many_spellings(endpoint: str) -> None:
    assert ControlPlane.at("flyte", endpoint) == ControlPlane.at("flyte", "dns:///flyte.example.com")


def test_another_port_is_another_local_control_plane() -> None:
    one, other = (Settings(platform="local", project="shop", local_port=port) for port in (8480, 8481))
    assert one.control_plane != other.control_plane
    assert problems_of(link_of("task", one), "task", "App", other)


def test_the_table_is_in_the_docs() -> None:
    text = (Path(__file__).parents[3] / "docs" / "scopes.md").read_text()
    rows = {line.split("|")[1].strip().lower(): line for line in text.splitlines() if line.startswith("| ")}
    for kind, cannot in CANNOT_CROSS.items():
        cells = [cell.strip() for cell in rows[kind].split("|")[2:-1]]
        assert [cell.startswith("yes") for cell in cells] == [
            difference not in cannot for difference in ("project", "domain", "endpoint", "organisation", "platform")
        ]
