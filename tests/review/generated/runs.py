"""Runs of generated programs under the stand-in engine, in the process of the test. One takes half a second."""

from __future__ import annotations

import contextvars
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pulumi_flyte_review.engine.configuration import read_configuration, stack_file
from pulumi_flyte_review.engine.offline.process import Declarations, Side, request_of, step_of
from pulumi_flyte_review.engine.offline.program.execution import answer_of
from pulumi_flyte_review.engine.project import read_project
from pulumi_flyte_review.model.preview import Preview

from tests.review.generated.programs import Program

STACK = "dev"


class Runs:
    """Runs of programs of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def declarations(self, program: Program) -> Declarations:
        """Return what a program declares."""
        answer = self._answer(program, None)
        declarations: Declarations = answer["declared"]
        return declarations

    def preview(self, former: Declarations, program: Program) -> Preview:
        """Return what an update from the former declarations to a program does."""
        answer = self._answer(program, former)
        return Preview("shop", STACK, tuple(map(step_of, answer["steps"])), dict(program.configuration))

    def _answer(self, program: Program, former: Declarations | None) -> dict[str, Any]:
        write(program, self._folder)
        with _inside(self._folder):
            answer = contextvars.Context().run(answer_of, request_in(self._folder, former))
        assert answer["failure"] is None, answer
        return answer


def write(program: Program, folder: Path) -> None:
    """Write a program and its stack's file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.py"):
        stale.unlink()
    files = {"Pulumi.yaml": "name: shop\nruntime: python\n", "Pulumi.dev.yaml": program.stack_file()}
    for name, text in {**files, **program.files()}.items():
        (folder / name).write_text(text)


def request_in(folder: Path, former: Declarations | None) -> dict[str, Any]:
    """Return the request to run the program of a folder."""
    project = read_project(folder)
    assert project is not None
    configuration = read_configuration(project, stack_file(project, STACK))
    return request_of(Side("the test", project, configuration, project.interpreter), STACK, former)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before, path, arguments = os.getcwd(), list(sys.path), list(sys.argv)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        sys.path[:], sys.argv[:] = path, arguments
