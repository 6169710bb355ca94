from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pulumi_flyte_review.commands.main import main
from pulumi_flyte_review.commands.report_options import add_to
from pulumi_flyte_review.commands.reporting import write
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
