"""The reader's JSON answers become frozen values of the kind that they describe."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from pulumi_flyte.source.description import (
    AppEnvironmentDescription,
    AsgiDescription,
    Description,
    Footprint,
    RequestedSecret,
    SourceImage,
    StockImage,
    TaskDescription,
    describe,
)

SHARED: dict[str, Any] = {
    "files": {"web.py": "web.py"},
    "data_lines": {"data.csv": "web.py:3"},
    "read": ["conf.json"],
    "listed": ["plugins"],
    "absent": ["extra"],
    "stock_image": "stock:1",
    "missing_from_stock": ["httpx"],
}
FLYTE: dict[str, Any] = {**SHARED, "name": "web", "image": {}, "include": ["*.html"], "depends_on": ["words"]}
SECRETS = {"secrets": [{"key": "a", "envVar": "A"}, {"key": "b", "mountRequirement": "FILE"}]}


def test_an_asgi_application_has_a_footprint_and_no_name() -> None:
    description = describe({"kind": "asgi", **SHARED})
    assert description == AsgiDescription(
        footprint=Footprint(
            files={"web.py": "web.py"},
            data_lines={"data.csv": "web.py:3"},
            read=("conf.json",),
            listed=("plugins",),
            absent=("extra",),
        ),
        stock_image=StockImage("stock:1", ("httpx",)),
    )
    assert (description.name, description.image, description.depends_on) == (None, None, ())


def test_an_app_environment_says_whether_its_code_passes_requires_auth() -> None:
    answer = {"kind": "app_environment", **FLYTE, "spec": {"securityContext": SECRETS}}
    for arguments, expected in (({}, None), ({"requires_auth": True}, True), ({"requires_auth": False}, False)):
        description = describe({**answer, **arguments})
        assert isinstance(description, AppEnvironmentDescription)
        assert description.requires_auth is expected
        assert (description.name, description.include, description.depends_on) == ("web", ("*.html",), ("words",))
        assert description.secrets == (RequestedSecret("a", "A"), RequestedSecret("b", None))


def test_a_task_has_its_triggers_and_secrets() -> None:
    spec = {"taskTemplate": {"securityContext": SECRETS}}
    description = describe({"kind": "task", **FLYTE, "spec": spec, "triggers": [{"name": "nightly"}]})
    assert isinstance(description, TaskDescription)
    assert [trigger["name"] for trigger in description.triggers] == ["nightly"]
    assert [secret.key for secret in description.secrets] == ["a", "b"]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({}, None),
        ({"uri": "x:1"}, SourceImage("x:1")),
        (
            {"uri": "x:1", "layers": [{"apt": ["git"]}], "base": "b:1", "definition": {"python": "3.12"}},
            SourceImage("x:1", ({"apt": ["git"]},), "b:1", definition={"python": "3.12"}),
        ),
    ],
)
def test_the_stock_image_is_no_image_of_the_source(image: dict[str, Any], expected: SourceImage | None) -> None:
    assert describe({"kind": "task", **FLYTE, "image": image, "spec": {}, "triggers": []}).image == expected


def test_a_description_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Description().name = "web"  # type: ignore[misc]
