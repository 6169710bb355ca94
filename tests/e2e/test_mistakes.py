"""Hundreds of mistakes in programs in YAML and TypeScript: each message names the property as that language spells it.

Pulumi checks a program in YAML against the schema, and the compiler checks one in TypeScript. Both report all mistakes
of a program. What they let pass, the plugin reports, and the engine ends a run at the first component that is wrong: so
these components have as many mistakes as they can have at once.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.harness import Stack, plugin_path
from tests.e2e.wrong_programs import WrongComponent, components_by_line, packed, typescript, yaml_resources
from tests.provider.plugin.components.mistakes import Mistake, mistakes, property_names

TYPESCRIPT = Path(__file__).parent / "typescript"
EVERY = list(mistakes())
SAMPLE = EVERY[::12]
PYTHON_SPELLINGS = {re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in property_names()}
PYTHON_SPELLINGS -= property_names()
# A kind of value, as Pulumi's check writes it.
KINDS = {
    str: r"(type )?'string'",
    bool: r"(type )?'boolean'",
    list: "'List<",
    dict: "'{",
    int: "type '(number|integer)'",
}
# The compiler points at the value, and does not name the property.
AT_THE_VALUE = {"App.consoleLinks.0.path: missing", "App.health.path: missing", "Task.cache: wrong type"}
FORMS = [pytest.param(SAMPLE, id="some"), pytest.param(EVERY, id="every", marks=pytest.mark.soak)]
Report = Callable[[str], None]


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str]) -> Report:
    """A function that prints a figure."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")

    return show


def fails(mistake: Mistake, message: str) -> list[str]:
    """Return the text of a failure if a message has a name in Python's spelling."""
    foreign = PYTHON_SPELLINGS & set(re.findall(r"\w+", message))
    return [f"{mistake}: {foreign} in {message}"] if foreign else []


def checked_by_the_engine(stack: Stack, wrong: Sequence[Mistake]) -> dict[int, str]:
    """Return what Pulumi's check of a program in YAML says, by the mistake's number."""
    program = f"name: shop\nruntime: yaml\n{plugin_path()}{yaml_resources([WrongComponent.of(each) for each in wrong])}"
    stack.write({"Pulumi.yaml": program})
    outcome = stack.preview()
    assert outcome.code != 0, outcome.text
    text = re.sub(r"\x1b\[[\d;]*m", "", outcome.text.partition("Diagnostics:")[2])
    components = components_by_line(program)
    errors: dict[int, str] = {}
    # An error of a missing property has no line. There is one such mistake for a component.
    missing = {
        each.component: number for number, each in enumerate(wrong) if each.kind == "missing" and len(each.path) == 1
    }
    for error in re.split(r"^ *Error: ", text, flags=re.MULTILINE)[1:]:
        line = re.search(r"on Pulumi\.yaml line (\d+):", error)
        kind = re.match(r"flyte:index:(\w+) is not assignable", error)
        number = components[int(line[1])] if line else missing[kind[1]] if kind else None
        assert number is not None, error
        errors[number] = errors.get(number, "") + error
    return errors


def explanation(error: str) -> str:
    """Return an error of Pulumi's check without the lines that quote the program and the whole component."""
    quotes = re.compile(
        r"^ *\d+: | is not assignable from |^ *Cannot assign '.*' to 'flyte:index:(App|Task|Secret|Env)"
    )
    return "\n".join(line for line in error.splitlines() if not quotes.search(line))


@pytest.mark.parametrize("wrong", FORMS)
def test_pulumis_check_of_yaml_names_every_property(stack: Stack, wrong: Sequence[Mistake], report: Report) -> None:
    stack.init()
    errors = checked_by_the_engine(stack, wrong)
    problems = []
    for number, mistake in enumerate(wrong):
        if number not in errors:
            # A program in YAML may write a yes or no for a text.
            if mistake.kind != "wrong type" or mistake.value is not True:
                problems.append(f"{mistake} is not seen")
            continue
        text = explanation(errors[number])
        if not re.search(rf"\b{mistake.path[-1]}\b", text):
            problems.append(f"{mistake} is not named:\n{errors[number]}")
        if mistake.kind == "wrong type" and not re.search(f"Cannot assign {KINDS[type(mistake.value)]}", text):
            problems.append(f"{mistake}: the kind of {mistake.value!r} is not in\n{text}")
        problems += fails(mistake, errors[number])
    assert not problems, "\n".join(problems)
    report(f"{len(wrong)} mistakes in one program in YAML: Pulumi's check names {len(errors)}")


@pytest.mark.parametrize("wrong", FORMS)
def test_the_compiler_of_typescript_names_every_property(
    node_modules: Path, tmp_path: Path, wrong: Sequence[Mistake], report: Report
) -> None:
    program = typescript([WrongComponent.of(each) for each in wrong])
    (tmp_path / "wrong.ts").write_text(program)
    (tmp_path / "node_modules").symlink_to(node_modules)
    options = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2020", "--module", "commonjs")
    command = ["npx", "tsc", *options, "--moduleResolution", "node", "wrong.ts"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    components, lines = components_by_line(program), program.splitlines()
    errors: dict[int | None, list[tuple[str, str]]] = {}
    for line, column, message in re.findall(
        r"^wrong\.ts\((\d+),(\d+)\): error (.*(?:\n  .*)*)", done.stdout, re.MULTILINE
    ):
        place = lines[int(line) - 1][int(column) - 1 :]
        errors.setdefault(components[int(line)], []).append((place, message))
    assert set(errors) == set(range(len(wrong))), done.stdout
    problems, unnamed = [], set()
    for number, mistake in enumerate(wrong):
        name = mistake.path[-1]
        if not any(re.match(f'"?{name}"?:', place) or f"{name}" in message for place, message in errors[number]):
            unnamed.add(str(mistake))
        problems += [text for _, message in errors[number] for text in fails(mistake, message)]
    assert unnamed == AT_THE_VALUE & {str(each) for each in wrong}
    assert not problems, "\n".join(problems)
    report(f"{len(wrong)} mistakes in one program in TypeScript: an error for each, {len(unnamed)} at the value only")


def unnamed(stack: Stack, component: WrongComponent) -> Iterator[str]:
    """Preview a program with a wrong component. Return the mistakes that the plugin's message does not name."""
    outcome = stack.preview()
    assert outcome.code != 0, outcome.text
    for mistake in component.mistakes:
        # A number may stand for an object with one property, which is named then. The generated classes make the value
        # of a secret an output, which is checked alone, and look for what is missing themselves.
        path = re.escape(".".join(mistake.path))
        lines = re.findall(
            rf"(?:- |has a problem: ){path}(?:\.request)?: (.*)|Missing required property '({path})'", outcome.text
        )
        if not lines:
            yield f"{mistake}\n{outcome.text}"
        elif mistake.kind == "wrong type" and "(got " not in lines[0][0] and "Secret.value" not in str(mistake):
            yield f"{mistake}: the value is not in {lines[0]}"
        yield from fails(mistake, lines[0][0] if lines else "")


def previewed(
    components: Sequence[WrongComponent], report: Report, language: str, check: Callable[[int], Iterator[str]]
) -> None:
    """Preview a program for each component."""
    problems = [problem for number in range(len(components)) for problem in check(number)]
    count = sum(len(each.mistakes) for each in components)
    assert not problems, f"{len(problems)} of {count}:\n" + "\n".join(problems)
    report(f"{count} mistakes in {len(components)} previews of programs in {language}: all named by the plugin")


def by_size(wrong: Sequence[Mistake]) -> list[WrongComponent]:
    """Return few components that have all mistakes, the one with most mistakes first."""
    return sorted(packed(wrong), key=lambda each: -len(each.mistakes))


def first(components: Sequence[WrongComponent]) -> list[object]:
    """Return the short form and the long form of a test."""
    return [
        pytest.param(components[:1], id="one component"),
        pytest.param(components, id="every", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
    ]


# The generated classes hand on the properties that they know and no others: only the compiler sees another.
UNTYPED = [each for each in EVERY if each.kind != "misspelt" or len(each.path) > 1]


@pytest.mark.parametrize("components", first(by_size(UNTYPED)))
def test_a_preview_of_untyped_values_in_typescript_names_every_property(
    stack: Stack, node_modules: Path, components: Sequence[WrongComponent], report: Report
) -> None:
    files = {name: (TYPESCRIPT / name).read_text() for name in ("package.json", "tsconfig.json")}
    stack.write({**files, "Pulumi.yaml": f"name: shop\nruntime: nodejs\n{plugin_path()}"})
    (stack.folder / "node_modules").symlink_to(node_modules)
    stack.init()

    def check(number: int) -> Iterator[str]:
        component = components[number]
        # Every second one takes its values from the configuration.
        if number % 2:
            stack.configure({"inputs": json.dumps(component.inputs)})
        stack.write({"index.ts": typescript([component], configured=bool(number % 2), cast=" as any")})
        return unnamed(stack, component)

    previewed(components, report, "TypeScript", check)


# What Pulumi's check lets pass.
TEXTS = [each for each in EVERY if each.kind == "wrong type" and each.value is True]


@pytest.mark.parametrize("components", first(by_size(TEXTS)))
def test_a_preview_of_yaml_names_every_property_that_pulumis_check_lets_pass(
    stack: Stack, components: Sequence[WrongComponent], report: Report
) -> None:
    stack.init()

    def check(number: int) -> Iterator[str]:
        component = components[number]
        stack.write({"Pulumi.yaml": f"name: shop\nruntime: yaml\n{plugin_path()}{yaml_resources([component])}"})
        return unnamed(stack, component)

    previewed(components, report, "YAML", check)
