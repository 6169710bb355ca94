"""Replaces paths of a container by paths of this machine, in texts and in files.

In a container, `/var/inputs` belongs to the task alone, and so does the working folder of its image. A process has the
folders of its attempt instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

# A script, a configuration, a list of files. What is larger is data, and reading it would delay the task.
MOST_BYTES = 1 << 20
_BEFORE = re.compile(r"[\w.~/-]*$")
_OPTION = re.compile(r"-[\w-]*$")


def replaced(text: str, declared: Mapping[str, Path]) -> str:
    """Return the text with the declared paths replaced.

    `/var/inputs-old` and `/mnt/var/inputs` are other paths and stay.

    All are replaced at once, since a path of this machine may begin with a declared one. The longest declared path
    that fits counts.
    """
    if not declared:
        return text

    def actual(match: re.Match[str]) -> str:
        line = match.string[max(0, match.start() - 256) : match.start()]
        before = _BEFORE.search(line)
        prefix = before[0] if before else ""
        # `-o/var/outputs/x` is an option with its value, `file:///var/inputs` a URL.
        return str(declared[match[0]]) if not prefix.strip("/") or _OPTION.match(prefix) else match[0]

    paths = "|".join(re.escape(path) for path in sorted(declared, key=len, reverse=True))
    return re.sub(rf"(?:{paths})(?![-\w.])", actual, text)


def replace_in_files(place: Path, declared: Mapping[str, Path]) -> None:
    """Replace the declared paths in a file, or in every file of a folder, that is a text of at most MOST_BYTES."""
    for file in [place, *place.rglob("*")] if place.is_dir() else [place]:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > MOST_BYTES:
            continue
        content = file.read_bytes()
        if b"\0" in content or not any(path.encode() in content for path in declared):
            continue
        try:
            text = content.decode()
        except UnicodeDecodeError:
            continue
        if (changed := replaced(text, declared)) != text:
            file.write_bytes(changed.encode())
