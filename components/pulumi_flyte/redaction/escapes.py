r"""Texts without their escapes: `caf\u00e9`, `caf%C3%A9` and `caf&eacute;` are all `café`. Pure."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

# A document may be a text in another document.
_DEEPEST = 3
# A shell joins a quoted text with what is next to it, and `\` is its escape for one character.
QUOTES = re.compile(r"['\"`\\]")
# Programs break an encoded text into lines, and indent them. Between words of a sentence, a space stays.
SPACE = re.compile(r"(?<=[\w+/=-]{16})\s+")


class View(NamedTuple):
    """A text without some of its escapes. starts, ends: the place of each character in the original text."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]


class _Piece(NamedTuple):
    """A character in place of a part of an escape. first, last: the part, by its distance from the escape's start."""

    character: str
    first: int
    last: int


class _Escape(NamedTuple):
    """A kind of escape: its pattern, and the characters that a match stands for."""

    pattern: re.Pattern[str]
    read: Callable[[str], Iterator[_Piece]]


def views(text: str) -> Iterator[View]:
    """Yield a text as it is, and without each kind of escape that it has, also those inside others."""
    whole = View(text, range(len(text)), range(1, len(text) + 1))
    if not _ANY.search(text):
        yield whole
        return
    level, undone = {text: whole}, {text}
    joined: set[str] = set()
    for _ in range(_DEEPEST + 1):
        for view in level.values():
            yield view
            for joint in _JOINTS:
                other = _without(view, joint)
                if other is not view and other.text not in joined:
                    joined.add(other.text)
                    yield other
        fewer = [_without(view, escape) for view in level.values() for escape in _ESCAPES]
        level = {view.text: view for view in fewer if view.text not in undone}
        undone.update(level)


def _without(view: View, escape: _Escape) -> View:
    if not escape.pattern.search(view.text):
        return view
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def copy(first: int, last: int) -> None:
        characters.append(view.text[first:last])
        starts.extend(view.starts[first:last])
        ends.extend(view.ends[first:last])

    end = 0
    for match in escape.pattern.finditer(view.text):
        copy(end, match.start())
        end = match.end()
        for piece in escape.read(match[0]):
            characters.append(piece.character)
            starts.append(view.starts[match.start() + piece.first])
            ends.append(view.ends[match.start() + piece.last - 1])
    copy(end, len(view.text))
    return View("".join(characters), starts, ends)


def _percent(text: str) -> Iterator[_Piece]:
    yield from _of_bytes(bytes.fromhex(text.replace("%", "")), 3)


def _form(text: str) -> Iterator[_Piece]:
    yield from [_Piece(" ", 0, 1)] if text == "+" else _percent(text)


def _backslashes(text: str) -> Iterator[_Piece]:
    kind = text[1]
    if len(text) == 2:
        yield _Piece(_LETTERS.get(kind, kind), 0, 2)
    elif kind == "x":
        yield from _of_bytes(bytes.fromhex(text.replace("\\x", "")), 4)
    elif kind in "01234567":
        yield from _of_bytes(bytes(int(digits, 8) for digits in text.split("\\")[1:]), 4)
    elif kind == "u" and text[2:3] != "{":
        raw = bytes.fromhex(text.replace("\\u", ""))
        yield from _of_units(raw.decode("utf-16-be", "surrogatepass"), 6, lambda char: 2 if char > "\uffff" else 1)
    else:
        yield _Piece(chr(min(int(text[2:].strip("{}"), 16), sys.maxunicode)), 0, len(text))


def _entity(text: str) -> Iterator[_Piece]:
    for character in html.unescape(text):
        yield _Piece(character, 0, len(text))


def _quote(text: str) -> Iterator[_Piece]:
    yield _Piece("'", 0, len(text))


def _nothing(_: str) -> Iterator[_Piece]:
    yield from ()


def _of_bytes(raw: bytes, width: int) -> Iterator[_Piece]:
    """Yield the characters that the bytes encode. Each byte was written as an escape of `width` characters."""
    try:
        yield from _of_units(raw.decode(), width, lambda char: len(char.encode()))
    except UnicodeDecodeError:
        yield from _of_units(raw.decode("latin-1"), width, lambda _: 1)


def _of_units(text: str, width: int, units: Callable[[str], int]) -> Iterator[_Piece]:
    position = 0
    for character in text:
        end = position + units(character) * width
        yield _Piece(character, position, end)
        position = end


_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}
_HEX = "[0-9a-fA-F]"
_ESCAPES = (
    _Escape(re.compile(f"(?:%{_HEX}{{2}})+"), _percent),
    _Escape(re.compile(rf"\+|(?:%{_HEX}{{2}})+"), _form),
    _Escape(
        re.compile(
            rf"(?:\\x{_HEX}{{2}})+|(?:\\[0-3][0-7]{{2}})+"
            rf"|(?:\\u{_HEX}{{4}})+|\\u\{{{_HEX}{{1,6}}\}}|\\U{_HEX}{{8}}|\\.",
            re.DOTALL,
        ),
        _backslashes,
    ),
    _Escape(re.compile(r"&#?\w{1,31};"), _entity),
    _Escape(re.compile(r"""'"'"'|'\\''"""), _quote),
)
# These stand between parts of one value. They do not make a text an escaped one.
_JOINTS = (_Escape(QUOTES, _nothing), _Escape(SPACE, _nothing))
# Most texts have no escape at all.
_ANY = re.compile("|".join(escape.pattern.pattern for escape in (*_ESCAPES, *_JOINTS)), re.DOTALL)
