"""References of images that are built here."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.images.reference import host_of, reference

# https://github.com/distribution/reference/blob/main/regexp.go
COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME = re.compile(rf"localhost:5000/team/{COMPONENT}:[\w][\w.-]{{0,127}}")


def test_a_reference_names_project_and_workload() -> None:
    assert reference("ghcr.io/acme/", "shop", "backend-api", "0a1b") == "ghcr.io/acme/shop-backend-api:0a1b"


@given(st.text(max_size=300), st.text(max_size=300))
def test_every_name_gives_a_reference(project: str, name: str) -> None:
    whole = reference("localhost:5000/team", project, name, "0a1b")
    assert NAME.fullmatch(whole)
    assert len(whole.rpartition(":")[0]) <= 255


def test_credentials_are_of_a_host() -> None:
    assert host_of("ghcr.io/acme/team") == "ghcr.io"
    assert host_of("localhost:5000") == "localhost:5000"
