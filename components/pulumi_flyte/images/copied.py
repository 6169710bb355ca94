"""The files of its context that a Dockerfile copies. Pure.

A context holds these and nothing else, so that no other file of the folder is sent to a builder or changes the tag.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator

from pulumi_flyte.images.dockerignore import expression_of

# A word of its own: neither `$((1<<2))` nor `<<<text` begins one.
_HEREDOC = re.compile(r"""(?<!\S)\d*<<-?["']?([A-Za-z0-9_.]+)["']?""")
_REMOTE = re.compile(r"https?://|git@|git://")
EVERYTHING = "."


def copied_patterns(dockerfile: str) -> list[str]:
    """Return the patterns of the files that the instructions COPY, ADD and RUN --mount take of the context.

    A source with a variable in it may be anything, so it stands for all files.
    """
    return sorted({pattern for words in _instructions(dockerfile) for pattern in _sources(words)})


def matching(patterns: Iterable[str], paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths that a pattern names, and those below a folder that one names."""
    expressions = [re.compile(f"(?:{expression_of(pattern)})(?:/.*)?") for pattern in patterns if pattern != EVERYTHING]
    everything = EVERYTHING in patterns
    yield from (path for path in paths if everything or any(each.fullmatch(path) for each in expressions))


def _instructions(dockerfile: str) -> Iterator[str]:
    """Yield each instruction on one line, without comments and without the texts of heredocs."""
    lines = iter(dockerfile.splitlines())
    for line in lines:
        whole = line.strip()
        if not whole or whole.startswith("#"):
            continue
        while whole.endswith("\\"):
            following = next(lines, "").strip()
            whole = whole if following.startswith("#") else f"{whole[:-1].rstrip()} {following}"
        yield whole
        if whole.split(maxsplit=1)[0].upper() in ("RUN", "COPY", "ADD"):
            for end in _HEREDOC.findall(whole):
                while next(lines, end).strip() != end:
                    pass


def _sources(instruction: str) -> Iterator[str]:
    keyword, _, tail = instruction.partition(" ")
    if keyword.upper() == "RUN":
        yield from _mounted(tail)
    if keyword.upper() not in ("COPY", "ADD"):
        return
    flags, arguments = _split(tail)
    if any(flag.startswith("--from=") for flag in flags):
        return
    for source in arguments[:-1]:
        if not _REMOTE.match(source) and not _HEREDOC.match(source):
            yield _normal(source)


def _mounted(command: str) -> Iterator[str]:
    flags, _ = _split(command)
    for flag in flags:
        if flag.startswith("--mount="):
            options = dict(option.partition("=")[::2] for option in flag.removeprefix("--mount=").split(","))
            if options.get("type", "bind") == "bind" and "from" not in options:
                yield _normal(options.get("source") or options.get("src") or EVERYTHING)


def _split(text: str) -> tuple[list[str], list[str]]:
    """Return the flags before an instruction's arguments, and the arguments in either of their two forms."""
    flags = []
    while match := re.match(r"\s*(--\S+)\s*", text):
        flags.append(match[1])
        text = text[match.end() :]
    if text.startswith("["):
        try:
            return flags, [str(word) for word in json.loads(text)]
        except ValueError:
            pass
    try:
        return flags, shlex.split(text)
    except ValueError:
        return flags, text.split()


def _normal(source: str) -> str:
    path = posixpath.normpath(source).lstrip("/") or EVERYTHING
    return EVERYTHING if "$" in path else path
