"""mypy, pyright and the components agree about right and wrong programs."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import pulumi
import pulumi_flyte
import pytest
from pulumi_flyte.source import staging

from tests.components.mocks.registrations import run
from tests.components.typing import checkers, right_program
from tests.components.typing.checkers import Report
from tests.components.typing.wrong_programs import PRELUDE, SHOP, WRONG_PROGRAMS, WrongProgram

# A checker reads hundreds of programs, on a machine that also does something else.
pytestmark = pytest.mark.timeout(1200)
ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*/__main__.py"))
MISTAKE = PRELUDE.count("\n") + 1
CONSTRUCTORS = ("App", "Task", "Secret", "Environment", "Provider", "discover")
VALUES = ("Image", "Link", "AppEndpoint", "StackLink", "TaskRef")
# What components hand out, for other stacks and languages: nobody writes one by hand.
HANDED_OUT = {"AppLinkDict", "TaskLinkDict", "SecretLinkDict", "ControlPlaneDict", "EnvironmentSettingsDict"}


def file_of(program: WrongProgram) -> str:
    return f"wrong_{WRONG_PROGRAMS.index(program):03}.py"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all programs, wrong and right."""
    folder = tmp_path_factory.mktemp("programs")
    for program in WRONG_PROGRAMS:
        (folder / file_of(program)).write_text(program.source)
    (folder / "right_program.py").write_text(Path(right_program.__file__).read_text())
    for example in EXAMPLES:
        (folder / f"example_{example.parent.name.replace('-', '_')}.py").write_text(example.read_text())
    return folder


@pytest.fixture(scope="module")
def mypy(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return checkers.mypy(programs, tmp_path_factory.mktemp("mypy"))


@pytest.fixture(scope="module")
def pyright(programs: Path) -> Report:
    return checkers.pyright(programs)


CHECKERS = pytest.mark.parametrize("checker", ["mypy", "pyright"])


@pytest.mark.xdist_group("typing")
@CHECKERS
def test_every_mistake_is_reported_where_it_is(checker: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(checker)
    missed = [program.line for program in WRONG_PROGRAMS if MISTAKE not in report.get(file_of(program), {})]
    assert not missed, f"{checker} missed {len(missed)} of {len(WRONG_PROGRAMS)}:\n" + "\n".join(missed)


@pytest.mark.xdist_group("typing")
@CHECKERS
def test_nothing_is_reported_that_is_right(checker: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(checker)
    wrong = {file_of(program) for program in WRONG_PROGRAMS}
    reported = [
        f"{file}:{line}: {message}"
        for file, lines in sorted(report.items())
        for line, messages in sorted(lines.items())
        for message in messages
        if file not in wrong or line != MISTAKE
    ]
    assert not reported, "\n".join(reported)


def test_there_are_examples_and_many_mistakes() -> None:
    assert len(EXAMPLES) >= 10
    assert len({program.line for program in WRONG_PROGRAMS}) >= 40


def parameters(function: Callable[..., object]) -> set[str]:
    return {name for name in inspect.signature(function).parameters if name != "self"}


def test_every_argument_and_every_key_has_a_mistake() -> None:
    subjects = {f"{name}.{argument}" for name in CONSTRUCTORS for argument in parameters(getattr(pulumi_flyte, name))}
    subjects |= {f"{name}.{field.name}" for name in VALUES for field in fields(getattr(pulumi_flyte, name))}
    for name in pulumi_flyte.__all__:
        exported = getattr(pulumi_flyte, name)
        if typing.is_typeddict(exported) and name not in HANDED_OUT:
            subjects.add(name)
            if not name.endswith("Overrides"):  # their keys are arguments
                subjects |= {f"{name}.{key}" for key in exported.__annotations__}
    about = {program.subject for program in WRONG_PROGRAMS if program.subject}
    assert subjects - about == set(), "no wrong program is about these"
    assert about - subjects == set(), "these are no arguments"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory of the programs that are run."""
    program = tmp_path_factory.mktemp("run")
    (program / "shop.py").write_text(SHOP)
    (program / "pages.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(staging.CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        patch.chdir(program)
        yield program


@pytest.mark.parametrize("program", [each for each in WRONG_PROGRAMS if each.message is not None], ids=file_of)
def test_a_component_says_what_is_wrong(program: WrongProgram, folder: Path) -> None:
    raised: list[str] = []

    def declare() -> None:
        try:
            exec(compile(ast.parse(program.source), "program.py", "exec"), {})
        except pulumi.RunError as error:
            raised.append(str(error))

    run(declare)
    assert raised, "nothing was refused"
    problems = [line.removeprefix("  - ") for line in raised[0].splitlines()]
    assert program.message is not None
    assert [line for line in problems if line.startswith(program.message)], raised[0]


def test_a_right_program_is_accepted(folder: Path) -> None:
    program = run(right_program.declare, {"shop:key": "v"})
    assert {"api:App web", "api:Task full", "api:App found-front", "api:Trigger forms-text"} <= program.names
    assert program["api:Trigger forms-span"].inputs["intervalMinutes"] == 30
    assert program["api:App idle"].inputs["scaling"]["scaledownAfter"] == 300
    assert program["index:App idle"].inputs["scaling"] == {"scaledownAfter": 300}
    assert program.outputs["endpoint"] == "http://127.0.0.1:8480/apps/p/staging/web"
