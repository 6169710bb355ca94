"""Usage: the operations that a caller's code uses, read from its manifest (components: source/reader/calls)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pulumi_flyte_review.model.preview import Json

# The part of a response that is read: 1 for the whole, else a mapping by field. `*` is each element, `name?` a field
# that may be missing. The key `` says that the whole is used as well.
Reads: TypeAlias = "int | Mapping[str, Reads]"
# The key of a mapping with further entries, which are not known.
MORE = "**"
EACH = "*"
ALSO_WHOLE = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a caller's code."""

    file: str
    line: int

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `file:line`."""
        file, _, line = text.rpartition(":")
        return cls(file, int(line))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Call:
    """A request of the code to an app.

    alias, variable: the alias of the app, or the variable with its URL, never both. method, path: None if the code
    computes it. query, body: shapes of what is sent, or None if nothing tells them. headers: the names, in small
    letters. sends_json, sends_other: whether there is a body. reads: None if the code does not read the body.
    """

    place: Place
    alias: str | None
    variable: str | None
    method: str | None
    path: str | None
    query: Json
    headers: frozenset[str] | None
    body: Json
    sends_json: bool
    sends_other: bool
    reads: Reads | None
    statuses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """A start of a task. inputs: the shape of each input by name."""

    place: Place
    alias: str
    inputs: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls and the starts of a workload's code."""

    calls: tuple[Call, ...] = ()
    starts: tuple[Start, ...] = ()

    @classmethod
    def parse(cls, documents: Iterable[Mapping[str, Json]]) -> Usage:
        """Read the calls of a manifest."""
        calls, starts = [], []
        for document in documents:
            if "task" in document:
                inputs = document.get("inputs")
                place = Place.parse(str(document["at"]))
                starts.append(Start(place, str(document["task"]), inputs if isinstance(inputs, Mapping) else {}))
            else:
                calls.append(_call(document))
        return cls(tuple(calls), tuple(starts))


def _call(document: Mapping[str, Json]) -> Call:
    headers, statuses = document.get("headers", ()), document.get("statuses", ())
    return Call(
        place=Place.parse(str(document["at"])),
        alias=_text(document.get("app")),
        variable=_text(document.get("variable")),
        method=_text(document.get("method")),
        path=_text(document.get("path")),
        query=document.get("query", {}),
        headers=None if headers is None else frozenset(_texts(headers)),
        body=document.get("json"),
        sends_json="json" in document,
        sends_other="body" in document,
        reads=_reads(document["reads"]) if "reads" in document else None,
        statuses=tuple(each for each in statuses if isinstance(each, int))
        if isinstance(statuses, (list, tuple))
        else (),
    )


def _reads(value: Json) -> Reads:
    return {name: _reads(part) for name, part in value.items()} if isinstance(value, Mapping) else 1


def _text(value: Json) -> str | None:
    return None if value is None else str(value)


def _texts(value: Json) -> list[str]:
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else []
