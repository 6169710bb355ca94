"""Values that no argument takes: Outputs where a plain value is needed, texts that an Output was lost in, texts that
cannot be sent, and values that are nested without end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass

import pulumi

from pulumi_flyte.arguments.output_paths import Path
from pulumi_flyte.problems import Problems

# What `str()`, an f-string and `%s` make of an Output: the texts of Pulumi's Python, Node.js and .NET libraries.
_LOST = re.compile(r"Calling (__str__|\[\w+\]) on an \[?Output|<pulumi\.output\.Output object at 0x")
_PLAIN = (
    "this is an Output, and a plain value is needed, as it must be known when the program runs: pass the value itself,"
    ' or read it with config.require("…"). Values of env= and inputs= may be Outputs'
)
_TEXT_OF_PLAIN = (
    "an f-string or str() was given an Output, whose value it cannot wait for. A plain value is needed here, as it must"
    ' be known when the program runs: pass the value itself, or read it with config.require("…")'
)
_TEXT = (
    "an f-string or str() was given an Output, whose value it cannot wait for: write"
    ' pulumi.Output.concat("…", output), or output.apply(lambda value: f"…")'
)


_NOT_UNICODE = "it has a character that UTF-8 cannot encode: where it was read from a file, open that with its encoding"
_NUL = "it has a NUL character, which no process can be given"
_DEEPEST = 64
_TOO_DEEP = f"nested more than {_DEEPEST} levels deep"


def check_plain(arguments: Mapping[str, object], welcome: Collection[Path], problems: Problems) -> None:
    """Find Outputs in `arguments`, at any depth, and texts that no argument takes. Their values are not shown.

    welcome: the paths where Outputs may be. A text that an Output was lost in is a problem everywhere.
    """
    for path, value in _leaves(arguments, ()):
        if len(path) > _DEEPEST:
            problems.add(path[0], _TOO_DEEP)
            continue
        allowed = any(_matches(path, pattern) for pattern in welcome)
        if isinstance(value, pulumi.Output):
            problems.add(".".join(path), None if allowed else _PLAIN)
        elif isinstance(value, str) and is_lost(value):
            problems.add(".".join(path), _TEXT if allowed else _TEXT_OF_PLAIN)
        elif isinstance(value, str):
            problems.add(".".join(path), _text_problem(value))


def is_lost(text: str) -> bool:
    """Return whether an Output was made a part of this text instead of its value."""
    return "Output" in text and _LOST.search(text) is not None


def _text_problem(text: str) -> str | None:
    """Return why a text cannot be sent, if so."""
    if "\0" in text:
        return _NUL
    if not text.isascii():
        try:
            str.encode(text)
        except UnicodeEncodeError:
            return _NOT_UNICODE
    return None


def _matches(path: Path, pattern: Path) -> bool:
    if pattern[-1] == "**":
        pattern = pattern[:-1]
        path = path[: len(pattern)]
    return len(path) == len(pattern) and all(want in ("*", part) for part, want in zip(path, pattern, strict=True))


def _leaves(value: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield each Output and each text with its path, and a value that is nested too deeply.

    Keys have the path of their mapping. Resources are left alone.
    """
    if isinstance(value, (str, pulumi.Output)) or len(path) > _DEEPEST:
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            plain_key = isinstance(key, str) and not is_lost(key) and _text_problem(key) is None
            if not plain_key and isinstance(key, (str, pulumi.Output)):
                yield path, key
            yield from _leaves(item, (*path, key if plain_key else "…"))
    elif isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, str(number)))
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), (*path, field.name))
