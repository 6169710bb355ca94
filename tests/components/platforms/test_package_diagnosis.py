"""The reason why packages cannot be installed, in uv's own words."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pulumi_flyte.platforms import package_diagnosis

from tests.e2e.harness import TOOLS_BIN


@pytest.fixture(autouse=True)
def uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(TOOLS_BIN), os.environ["PATH"]]))
    if shutil.which("uv") is None:
        pytest.skip("there is no uv here")


def diagnosis(staged: Path, python: str = "3.12", platforms: tuple[str, ...] = ("linux/amd64",)) -> str | None:
    return package_diagnosis.diagnosis(staged, python, platforms)


def context(folder: Path, *requirements: str) -> Path:
    place = folder / ".pulumi-flyte/0"
    place.mkdir(parents=True)
    (place / "requirements.txt").write_text("\n".join(requirements))
    return folder


def test_a_conflict_is_named(tmp_path: Path) -> None:
    reason = diagnosis(context(tmp_path, "iniconfig<2", "iniconfig>=2"))
    assert reason is not None
    assert "iniconfig<2 and iniconfig>=2" in reason


def test_without_a_conflict_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert diagnosis(context(tmp_path)) is None


def test_a_conflict_of_another_python_or_processor_is_none_here(tmp_path: Path) -> None:
    lines = (
        "iniconfig<2; python_version < '3.11'",
        "iniconfig<2; platform_machine == 'aarch64'",
        "iniconfig>=2",
    )
    staged = context(tmp_path, *lines)
    assert diagnosis(staged) is None
    assert "iniconfig" in str(diagnosis(staged, "3.10"))
    assert "iniconfig" in str(diagnosis(staged, platforms=("linux/arm64",)))


def test_requirements_of_the_code_itself_are_not_the_images(tmp_path: Path) -> None:
    (tmp_path / ".pulumi-flyte/code").mkdir(parents=True)
    (tmp_path / ".pulumi-flyte/code/requirements.txt").write_text("iniconfig<2\niniconfig>=2")
    assert diagnosis(tmp_path) is None


def test_an_index_that_this_machine_does_not_reach_is_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    assert diagnosis(context(tmp_path, "httpx>=0.27")) is None
