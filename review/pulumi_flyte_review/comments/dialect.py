"""`Dialect`: a host's Markdown, and how large a comment may be there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

PREFIX = "pulumi-flyte:"


def utf16_length(text: str) -> int:
    """Return the length as Java counts it. No host counts more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Dialect:
    """Markdown of one host.

    limit: the largest comment, as `measure` counts. marker: the ends of a line that the host does not show.
    has_html: whether the host shows `<details>`. Bitbucket prints HTML as text.
    has_commands: whether a line that begins with a slash is a command of the comment's author.
    """

    name: str
    limit: int
    measure: Callable[[str], int] = len
    marker: tuple[str, str] = ("<!-- ", " -->")
    has_html: bool = True
    has_commands: bool = False

    def hidden(self, text: str) -> str:
        """Return a line that readers do not see."""
        before, after = self.marker
        return f"{before}{PREFIX}{text}{after}"

    def reveal(self, line: str) -> str | None:
        """Return the text of a hidden line of ours, None for every other line."""
        before, after = self.marker
        start = before + PREFIX
        return line[len(start) : -len(after)] if line.startswith(start) and line.endswith(after) else None

    def disarm(self, text: str) -> str:
        """Return a text of a report without hidden lines, and without commands to the host.

        A report can come from a pull request that nobody has read. It must not pass for another stack's section.
        """
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("<!--", "&lt;!--")
        text = re.sub(r"^(\s*)\[//\]:", r"\1\\[//]:", text, flags=re.MULTILINE)
        return re.sub(r"^([ \t]*)/(?=\w)", r"\1\\/", text, flags=re.MULTILINE) if self.has_commands else text


# GitHub stores up to 262,144 bytes, and its message says 65,536 characters. A character has at most four bytes, so that
# 65,536 characters are allowed by either rule.
GITHUB = Dialect("GitHub", limit=65_536)
# `Note` in GitLab's source validates the number of characters.
GITLAB = Dialect("GitLab", limit=1_000_000, has_commands=True)
# The message of Bitbucket is `Please enter a non-empty value less than 32768 characters`. It prints `<!-- -->` as text,
# but shows no definition of a link.
BITBUCKET = Dialect("Bitbucket", limit=32_767, measure=utf16_length, marker=("[//]: # (", ")"), has_html=False)
