"""The README shows the real program and its real output."""

from __future__ import annotations

import re

from .conftest import QUICKSTART

ROOT = QUICKSTART.parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_program_is_the_quickstarts() -> None:
    program, _ = blocks("python")
    assert program in (QUICKSTART / "__main__.py").read_text()


def test_the_lines_of_the_gateway_are_the_gateways() -> None:
    _, excerpt = blocks("python")
    source = (QUICKSTART / "gateway.py").read_text()
    for line in excerpt.splitlines():
        assert line == "..." or line in source, line


def test_every_make_target_that_it_names_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z-]+)", " ".join([*blocks("sh"), *re.findall(r"`(make [a-z-]+)", README)])))
    assert {"up", "down", "test"} <= named
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets


def test_every_file_that_it_links_exists() -> None:
    missing = [link for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", README) if not (ROOT / link).exists()]
    assert not missing


def test_the_picture_has_every_workload_of_the_program() -> None:
    (picture,) = blocks("mermaid")
    declared = re.findall(r'(?:App|Task|Secret)\(\s*"([^"]+)"', (QUICKSTART / "__main__.py").read_text())
    assert declared == ["webhook-key", "train", "model-api", "evaluate", "gateway", "dashboard"]
    assert all(name in picture for name in declared)
