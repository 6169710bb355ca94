from __future__ import annotations

import argparse
import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi_flyte_review.commands.main import TRACEBACK, main
from pulumi_flyte_review.commands.report_options import add_to
from pulumi_flyte_review.commands.reporting import progress, write
from pulumi_flyte_review.errors import ReviewError
from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.rendering.masking import Masks

WRITE = """
import sys
from pulumi_flyte_review.commands import main
def run(options):
    sys.stdout.write("← ü " * 10_000)
    return 0
main.diff.run = run
sys.exit(main.main(["diff"]))
"""


@pytest.mark.parametrize("arguments", [[], ["dif"], ["diff", "--fail-on", "x"], ["comment", "--pull-request", "zero"]])
def test_wrong_command_line_does_not_exit_as_if_there_were_changes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 1
    assert "error: " in capsys.readouterr().err


def test_report_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_to(parser)
    options = parser.parse_args(["--output", str(tmp_path / "none" / "report")])
    with pytest.raises(ReviewError, match="cannot be written: No such file or directory"):
        write(Report("shop", "dev"), Masks(()), options)


def test_reader_that_goes_away_causes_no_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run((sys.executable, "-c", WRITE), stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_terminal_of_another_encoding_gets_a_question_mark() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run((sys.executable, "-c", WRITE), capture_output=True, env=environment, check=True)
    assert done.stdout.startswith("? ü ".encode("latin-1"))


def test_progress_in_a_terminal_leaves_standard_output_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _, terminal = pty.openpty()
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    with os.fdopen(terminal, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        with progress() as tell:
            tell("create web")
            sys.stdout.write("the report\n")
    assert output.getvalue() == "the report\n"


@pytest.mark.parametrize(
    "command",
    [
        ["diff"],
        ["diff", "--offline", "--base", "main"],
        ["drift"],
        ["graph"],
        ["consumers"],
        ["up", "--reviewed", "r1.a.b.c.d.e.-.-"],
    ],
)
def test_folder_that_does_not_exist_is_one_message(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--cwd", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == f"error: --cwd {tmp_path / 'none'}: there is no such folder\n"


@pytest.mark.parametrize("length", [10, 300, 100_000])
def test_text_that_is_no_token_is_one_message(length: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--reviewed", "a" * length]) == 1
    assert "is not the token of a review" in capsys.readouterr().err


DOCUMENT = '{"format": 1, "project": "shop", "stack": "dev", '


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff\xfe\x00", "This is not a report"),
        (b"[]", "This is not a report"),
        (b"{", "This is not a report"),
        (b"null", "This is not a report"),
        (f'{DOCUMENT}"others": []}}'.encode(), "others: Input should be"),
        (f'{DOCUMENT}"changes": [], "others": {{}}}}'.encode(), "this report has no token"),
        (f'{DOCUMENT}"token": "r1"}}'.encode(), "'r1' is not the token of a review"),
    ],
)
def test_file_that_is_no_report_is_one_message(
    text: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    report.write_bytes(text)
    assert main(["up", "--reviewed", str(report)]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("variable", ["", "1"])
def test_error_that_nobody_expects_is_one_message_without_its_text(variable: str) -> None:
    """A traceback is shown where somebody asks for it: it may hold secret values."""
    code = WRITE.replace('    sys.stdout.write("← ü " * 10_000)\n', '    raise LookupError("a-s3cret")\n')
    environment = {**os.environ, TRACEBACK: variable}
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, encoding="utf-8", env=environment, check=False
    )
    assert done.returncode == 1
    if variable:
        assert done.stderr.startswith("Traceback")
        return
    assert done.stderr.startswith("error: unexpected LookupError in <string>, line 5: this is a defect of pulumi-flyte")
    assert f"{TRACEBACK}=1" in done.stderr
    assert "a-s3cret" not in done.stderr
    assert done.stderr.count("\n") == 1
