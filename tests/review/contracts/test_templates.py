"""Paths of a caller's code, and the path templates that they are."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pulumi_flyte_review.contracts.templates import PathTemplate, meant


@dataclass(frozen=True)
class Route:
    path: PathTemplate


def routes(*paths: str) -> list[Route]:
    return [Route(PathTemplate(path)) for path in paths]


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/greeting/{}", "/greeting/{name}", (None,)),
        ("/greeting/ada", "/greeting/{name}", ("ada",)),
        ("/items/{}/parts/3", "/items/{id}/parts/{part}", (None, "3")),
        ("/files/a/b/{}", "/files/{path:path}", (None,)),
        ("/files/{}.json", "/files/{name}.json", (None,)),
        ("/files/{}.json", "/files/{name}", (None,)),
        ("/a.b", "/a.b", ()),
        ("/a+b", "/a.b", None),
        ("/greeting", "/greeting/{name}", None),
        ("/greeting/a/b", "/greeting/{name}", None),
        ("/greeting/", "/greeting/{name}", None),
        ("/{}", "/items", None),
    ],
)
def test_a_path_is_a_template_or_not(path: str, template: str, values: tuple[str | None, ...] | None) -> None:
    assert PathTemplate(template).values(path) == values


def test_the_most_literal_template_is_meant() -> None:
    ways = routes("/users/{id}", "/users/me", "/{anything:path}")
    assert meant("/users/me", ways) == ways[1]
    assert meant("/users/{}", ways) == ways[0]
    assert meant("/x/y", ways) == ways[2]
    assert meant("/users/a/b", ways[:2]) is None


@pytest.mark.parametrize(
    ("path", "is_possible"), [("/{}/list", True), ("/cats/{}", True), ("/{}/show", False), ("/a/{}/list", False)]
)
def test_a_hole_may_be_a_literal(path: str, is_possible: bool) -> None:
    assert PathTemplate("/cats/list").may_be(path) is is_possible
