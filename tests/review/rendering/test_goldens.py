"""The real engine previews some thirty kinds of change; the files in `goldens` hold the reports, each read by a person.

`GOLDENS=write` writes them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi_flyte_review.commands.reporting import rendered
from pulumi_flyte_review.engine import pulumi
from pulumi_flyte_review.engine.pulumi import Program
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.report import Report
from pulumi_flyte_review.report.building import report_of

from tests.e2e.harness import VENV_BIN, Stack
from tests.e2e.test_drift import outside
from tests.review.rendering.shop import CONFIGURATION, EDITS, FAILURES, FILES, KEY, Edit

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200), pytest.mark.xdist_group("goldens")]
GOLDENS = Path(__file__).parent / "goldens"
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "app-to-app"
# One change is also shown as text and as a document.
IN_EVERY_FORMAT = "several-at-once"
SUFFIXES = {"markdown": "md", "text": "txt", "json": "json"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("goldens") / "stack")
    stack.write(FILES)
    stack.init()
    stack.configure(CONFIGURATION)
    stack.configure({"apiKey": KEY}, secret=True)
    deployed = stack.up()
    assert deployed.code == 0, deployed.text
    yield stack
    stack.close()


@pytest.fixture
def program(shop: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """The shop as it is deployed. What a test edits is as it was afterwards."""
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "100")
    configuration = shop.folder / f"Pulumi.{shop.name}.yaml"
    settings = configuration.read_text()
    yield Program(shop.folder, shop.name)
    configuration.write_text(settings)
    for path in shop.folder.glob("*.py"):
        path.unlink()
    shop.write(FILES)


def apply(edit: Edit, shop: Stack) -> None:
    shop.write({**edit.files, "__main__.py": edit.program})
    shop.configure(edit.configuration)
    if edit.secret is not None:
        shop.configure({"apiKey": edit.secret}, secret=True)


def compare(name: str, text: str) -> None:
    golden = GOLDENS / name
    # Each stack has a server with a port of its own.
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8480", text)
    if os.environ.get("GOLDENS") == "write":
        golden.write_text(text)
    assert text == golden.read_text()


def show(report: Report, form: str = "markdown") -> str:
    return rendered(report, form, colour=False)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_change_reads_as_its_golden(
    edit: Edit, shop: Stack, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    apply(edit, shop)
    report = report_of(pulumi.preview(program))
    for form, suffix in SUFFIXES.items():
        if form == "markdown" or edit.name == IN_EVERY_FORMAT:
            compare(f"{edit.name}.{suffix}", show(report, form))


@pytest.mark.parametrize("edit", FAILURES, ids=lambda edit: edit.name)
def test_a_preview_that_fails_is_one_clear_message(edit: Edit, shop: Stack, program: Program) -> None:
    apply(edit, shop)
    with pytest.raises(EngineError) as error:
        pulumi.preview(program)
    text = str(error.value).replace(str(shop.folder), "…").replace(str(VENV_BIN), "…")
    compare(f"failure-{edit.name}.txt", f"{text}\n")


def test_a_stack_that_is_not_deployed_yet_is_all_new(shop: Stack, program: Program) -> None:
    shop.pulumi("stack", "init", "new", check=True)
    shop.pulumi("config", "set", "--secret", "apiKey", KEY, "--stack", "new", check=True)
    shop.pulumi("config", "set", "flyte:localPort", str(shop.port), "--stack", "new", check=True)
    compare("first.md", show(report_of(pulumi.preview(Program(program.folder, "new")))))


def test_drift_is_told_apart_from_an_update_and_repaired_by_one(shop: Stack, program: Program) -> None:
    outside(shop, 'flyte.remote.App.get("admin").deactivate(wait=True)')
    outside(shop, 'flyte.remote.Secret.delete("api-key")')
    before = shop.export()
    compare("drift.md", show(report_of(pulumi.drift(program), drift=True)))
    assert shop.export() == before, "nothing is written"
    compare("refreshed.md", show(report_of(pulumi.preview(program, refresh=True))))


@pytest.fixture(scope="module")
def app_to_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("app-to-app") / "stack", project="app-to-app")
    stack.write({path.name: path.read_text() for path in EXAMPLE.glob("*.py")})
    stack.init()
    deployed = stack.up()
    assert deployed.code == 0, deployed.text
    yield stack
    stack.close()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("one-line", 'f"Hello, {name}!"', 'f"Good day, {name}!"'),
        ("broken-call", '"/greeting/{name}"', '"/welcome/{name}"'),
    ],
)
def test_one_changed_line_is_seven_hundred_characters_at_most(
    name: str, old: str, new: str, app_to_app: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in app_to_app.environment.items():
        monkeypatch.setenv(key, value)
    source = (EXAMPLE / "backend.py").read_text()
    assert old in source
    app_to_app.write({"backend.py": source.replace(old, new)})
    report = show(report_of(pulumi.preview(Program(app_to_app.folder, app_to_app.name))))
    assert len(report) <= 700
    assert all(word in report for word in ("`backend.py`", "app `backend`", "app `frontend`"))
    compare(f"app-to-app-{name}.md", report)


def test_the_command_says_by_its_exit_code_what_it_saw(shop: Stack, program: Program) -> None:
    def code(*arguments: str) -> int:
        return shop.run(str(VENV_BIN / "pulumi-flyte"), *arguments, "--stack", shop.name, check=False).code

    assert code("diff") == 0
    apply(next(edit for edit in EDITS if edit.name == "app-removed"), shop)
    assert code("diff") == 2
    assert code("diff", "--fail-on", "replace") == 2
    assert code("diff", "--fail-on", "replace,delete") == 3
    shop.write({"__main__.py": "import nowhere"})
    assert code("diff") == 1
