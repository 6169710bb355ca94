"""The files that an `Image` argument names."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from pulumi_flyte.images.declared import requirements_of
from pulumi_flyte.problems import Problems

TEXT = "# ours\nhttpx>=0.27\n\nrich\n"


@pytest.mark.parametrize(
    "content",
    [TEXT.encode(), codecs.BOM_UTF8 + TEXT.encode(), TEXT.replace("\n", "\r\n").encode("utf-16")],
    ids=["plain", "marked", "PowerShell's"],
)
def test_a_requirements_file_is_read_as_it_was_written(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(content)
    problems = Problems()
    assert requirements_of(tmp_path / "requirements.txt", "image.requirements", problems) == ("httpx>=0.27", "rich")
    assert not problems


@pytest.mark.parametrize("content", [b"\x7fELF\x02\x00\x00", b"PK\x03\x04\xff\xfe", b"httpx\0"])
def test_a_binary_file_is_no_requirements_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(content)
    problems = Problems()
    requirements_of(tmp_path / "x.whl", "image.requirements", problems)
    (problem,) = problems
    assert "is not a text file" in str(problem)


def test_every_line_that_is_wrong_is_named_and_none_with_a_credential_shown(tmp_path: Path) -> None:
    lines = "httpx>=\nrich\n--index-url https://me:hunter2@host/simple\nx @@ https://me:hunter2@host\n"
    (tmp_path / "requirements.txt").write_text(lines)
    problems = Problems()
    requirements_of(tmp_path / "requirements.txt", "image.requirements", problems)
    texts = [str(problem) for problem in problems]
    assert any("got 'httpx>='" in text for text in texts)
    assert any("flyte:buildSecrets" in text for text in texts)
    assert not any("hunter2" in text for text in texts)
