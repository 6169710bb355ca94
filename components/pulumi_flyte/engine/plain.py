"""Checks for values that no argument accepts.

These are Outputs in place of plain values, texts with an Output's `str()` in them, texts that cannot be sent, and
values that are nested without end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass

import pulumi

from pulumi_flyte.arguments.output_paths import Path
from pulumi_flyte.problems import Problems

# The text that `str()`, an f-string and `%s` return for an Output, in Pulumi's Python, Node.js and .NET libraries.
_LOST = re.compile(r"Calling (__str__|\[\w+\]) on an \[?Output|<pulumi\.output\.Output object at 0x")
_PLAIN = (
    "this is an Output, and a plain value is needed, because it must be known when the program runs: pass the value"
    ' itself, or read it with config.require("…"). Only values of env= and inputs= may be Outputs'
)
_TEXT_OF_PLAIN = (
    "an f-string or str() contains an Output, whose value it cannot wait for. Expected a plain value, which is known"
    ' when the program runs: pass the value itself, or read it with config.require("…")'
)
_TEXT = (
    "an f-string or str() contains an Output, whose value it cannot wait for: write"
    ' pulumi.Output.concat("…", output), or output.apply(lambda value: f"…")'
)


_NOT_UNICODE = (
    "it contains a character that UTF-8 cannot encode: if it comes from a file, open that with the right encoding"
)
_NUL = "it contains a NUL character, which cannot be passed to a process: remove it"
_DEEPEST = 64
_TOO_DEEP = f"nested more than {_DEEPEST} levels deep"


def check_plain(arguments: Mapping[str, object], output_paths: Collection[Path], problems: Problems) -> None:
    """Find Outputs and invalid texts in `arguments`, at any depth. The problems do not show their values.

    output_paths: the paths that may have Outputs. A text with an Output's `str()` in it is a problem everywhere.
    """
    for path, value in _leaves(arguments, ()):
        if len(path) > _DEEPEST:
            problems.add(path[0], _TOO_DEEP)
            continue
        allowed = any(_matches(path, pattern) for pattern in output_paths)
        if isinstance(value, pulumi.Output):
            problems.add(".".join(path), None if allowed else _PLAIN)
        elif isinstance(value, str) and is_lost(value):
            problems.add(".".join(path), _TEXT if allowed else _TEXT_OF_PLAIN)
        elif isinstance(value, str):
            problems.add(".".join(path), _text_problem(value))


def is_lost(text: str) -> bool:
    """Return whether a text contains the `str()` of an Output instead of the Output's value."""
    return "Output" in text and _LOST.search(text) is not None


def _text_problem(text: str) -> str | None:
    """Return why a text cannot be sent, or None."""
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
