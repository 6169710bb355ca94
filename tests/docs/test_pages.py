"""The code and the links of the pages are valid."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import EXAMPLES, PAGES, ROOT, Block, anchors_of, blocks, headings_of, is_excerpt, links_of

PATTERNS = ROOT / "docs" / "patterns"
OTHERS = {
    *("quickstart", "quickstart-typescript", "quickstart-go", "existing-flyte-code", "discover", "ci"),
    "team-components",
}
OF_PATTERNS = {path.name for path in EXAMPLES.iterdir()} - OTHERS
BLOCKS = blocks()


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.linked], ids=str)
def test_a_block_below_the_link_of_an_examples_file_is_in_it(block: Block) -> None:
    assert block.excerpt_of, f"{block} is not in {block.linked}:\n{block.text}"


def test_all_other_blocks_run_by_themselves_or_are_an_examples(tmp_path: Path) -> None:
    """Code that is not part of an example must run as a module, so that its names and arguments are right."""
    files = {}
    for block in BLOCKS:
        if block.linked or block.declares or block.excerpt_of:
            continue
        file = tmp_path / f"{block.page.stem.replace('-', '_')}_{block.line}.py"
        file.write_text(block.text)
        files[str(file)] = block
    assert files
    command = [sys.executable, str(Path(__file__).with_name("run_blocks.py")), *files]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    output = done.stdout
    for path, block in files.items():
        output = output.replace(path, str(block))
    assert done.returncode == 0, output + done.stderr


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.declares and not block.linked], ids=str)
def test_a_pulumi_program_is_python_and_imports_what_there_is(block: Block) -> None:
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            assert not [alias.name for alias in node.names if not hasattr(module, alias.name)], block


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in links_of(page) if not (page.parent / link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_anchors_are_headings(page: Path) -> None:
    missing = [
        f"{target.relative_to(ROOT)}#{anchor}"
        for target, anchor in anchors_of(page)
        if target.suffix == ".md" and anchor not in headings_of(target)
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_long_page_has_a_table_of_contents(page: Path) -> None:
    text = page.read_text()
    if len(text.split()) > 1500 and page.name != "CHANGELOG.md":
        entries = {anchor for target, anchor in anchors_of(page) if target == page}
        sections = headings_of(page, level=2)
        assert len(entries & sections) > len(sections) / 2, "name its sections at its top, as docs/day-two.md does"


@pytest.mark.parametrize("name", sorted(OF_PATTERNS))
def test_each_pattern_has_a_page_with_both_forms_and_an_example_that_links_it(name: str) -> None:
    page = (PATTERNS / f"{name}.md").read_text()
    assert "## By hand" in page
    assert "## Here" in page
    assert f"(../../examples/{name})" in page
    readme = (EXAMPLES / name / "README.md").read_text()
    assert f"docs/patterns/{name}.md" in readme
    assert f"name: {name}\n" in (EXAMPLES / name / "Pulumi.yaml").read_text()


def test_the_index_names_every_page() -> None:
    docs = ROOT / "docs"
    linked = {
        *links_of(docs / "index.md"),
        *(f"decisions/{link}" for link in links_of(docs / "decisions" / "index.md")),
    }
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert pages - {"index.md"} <= linked


def test_every_example_is_named_in_the_index_of_patterns() -> None:
    assert {f"patterns/{name}.md" for name in OF_PATTERNS} <= set(links_of(ROOT / "docs" / "index.md"))


def test_an_excerpt_is_in_order_and_whole() -> None:
    source = "a = 1\nb = 2\nc = 3\n"
    assert is_excerpt("a = 1\n...\nc = 3\n", source)
    assert not is_excerpt("c = 3\n...\na = 1\n", source)
    assert not is_excerpt("a = 1\nc = 3\n", source)
