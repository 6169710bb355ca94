"""docs/older-spellings.md: what the older spellings do is true, and neither examples nor documents use one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import flyte
import flyte.app
import pytest
from flyte.remote import Run, TaskDetails

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "older-spellings.md").read_text()

OLDER = {
    r"\brun\.id\b": "run.name",
    r"\brun\.status\b": "run.phase",
    r"\brun\.stream\(": "run.watch()",
    r"\bTaskDetails\.fetch\b": "remote.Task.get",
    r"\blimits\s*=": "resources=",
    r"\bmem\s*=": "memory=",
    r"\bflyte\.app\.Input\b": "flyte.app.Parameter",
    r"\binputs\s*=\s*\[": "parameters=[",
    r"\bflyte\.app\.Image\b": "flyte.Image",
    r"\binput_values\s*=": "parameter_values=",
    r"\.dict\(\)": ".model_dump()",
}


def code_of(document: str) -> str:
    """The code blocks of a page; not that of the bridge itself, which is there to name the older ones."""
    return "\n".join(re.findall(r"```\w*\n(.*?)```", document, re.DOTALL))


def test_no_example_and_no_document_uses_an_older_spelling() -> None:
    # Hidden folders have what tools have made, such as build contexts of images.
    examples = ROOT / "examples"
    visible = [
        path for path in examples.rglob("*.*") if not any(part[0] == "." for part in path.relative_to(examples).parts)
    ]
    texts = {path: path.read_text() for path in visible if path.suffix == ".py"}
    pages = [*(ROOT / "docs").rglob("*.md"), *(path for path in visible if path.suffix == ".md"), *ROOT.glob("*.md")]
    texts |= {path: code_of(path.read_text()) for path in pages}
    assert texts
    found = [
        f"{path.relative_to(ROOT)}: {match[0]} is {today} now"
        for path, text in texts.items()
        for older, today in OLDER.items()
        for match in re.finditer(older, text)
    ]
    assert not found, "\n".join(found)


def test_the_page_names_each_of_them() -> None:
    rows = "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert [older for older in OLDER if not re.search(older, rows)] == []


@pytest.mark.parametrize(
    ("owner", "name"), [(Run, "id"), (Run, "status"), (Run, "stream"), (flyte.app, "Input"), (flyte.app, "Image")]
)
def test_names_that_are_gone(owner: Any, name: str) -> None:
    assert not hasattr(owner, name)


def test_keywords_that_are_gone() -> None:
    calls: list[tuple[Any, dict[str, Any]]] = [
        (flyte.Resources, {"mem": "2Gi"}),
        (flyte.TaskEnvironment, {"name": "e", "limits": flyte.Resources(cpu=1)}),
        (flyte.app.AppEnvironment, {"name": "e", "limits": flyte.Resources(cpu=1)}),
        (flyte.app.AppEnvironment, {"name": "e", "inputs": []}),
        (flyte.with_servecontext, {"input_values": {}}),
    ]
    for function, keywords in calls:
        with pytest.raises(TypeError, match=list(keywords)[-1]):
            function(**keywords)


def test_what_still_works() -> None:
    assert callable(TaskDetails.fetch)
