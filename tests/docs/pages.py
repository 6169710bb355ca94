"""The pages of the documentation, and their blocks of Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
FOLDERS = ("docs", "docs/patterns", "docs/decisions")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))])
GAP = "...\n"


@dataclass(frozen=True)
class Block:
    """A block of Python. `linked` is the example's file that the last line before it links."""

    page: Path
    line: int
    text: str
    linked: Path | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def excerpt_of(self) -> Path | None:
        """The example's file that has these lines in this order; `...` stands for others."""
        files = [self.linked] if self.linked else sorted(EXAMPLES.rglob("*.py"))
        return next((file for file in files if is_excerpt(self.text, file.read_text())), None)

    @property
    def declares(self) -> bool:
        """True for a Pulumi program, which only the engine can run."""
        return re.search(r"^(from|import) pulumi", self.text, re.MULTILINE) is not None


def blocks() -> list[Block]:
    return [block for page in PAGES for block in blocks_of(page)]


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text()
    page_blocks, linked = [], None
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$|^(\S[^\n]*:)$", text, re.MULTILINE | re.DOTALL):
        if match[3]:
            links = re.findall(r"\]\(([^)]*examples/[^)]*\.py)\)", match[3])
            linked = (page.parent / links[-1]).resolve() if links else None
        elif match[1] == "python":
            page_blocks.append(Block(page, text.count("\n", 0, match.start()) + 1, match[2], linked))
    return page_blocks


def is_excerpt(text: str, source: str) -> bool:
    start = 0
    for part in text.split(GAP):
        at = source.find(part.strip("\n"), start)
        if at < 0:
            return False
        start = at + len(part.strip("\n"))
    return True


def links_of(page: Path) -> list[str]:
    """Relative links, without what follows a `#`."""
    return [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", page.read_text())]


def anchors_of(page: Path) -> list[tuple[Path, str]]:
    """Links to a heading: the page, and the heading's anchor."""
    links = re.findall(r"\]\((?!https?:)([^)\s#]*)#([^)\s]+)\)", page.read_text())
    return [((page.parent / path).resolve() if path else page, anchor) for path, anchor in links]


def headings_of(page: Path, level: int | None = None) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^(#+) (.+)$", text, re.MULTILINE)
    return {_anchor(title) for marks, title in headings if level is None or len(marks) == level}


def _anchor(title: str) -> str:
    words = re.sub(r"\]\([^)]*\)|[`*\[\]]", "", title.strip()).lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
