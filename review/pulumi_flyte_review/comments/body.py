"""The text of a comment: sections between hidden lines, so that every job can read and keep those of the others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import get_args

from pulumi_flyte_review.comments.dialect import Dialect
from pulumi_flyte_review.comments.section import Revision, Section, newest
from pulumi_flyte_review.rendering.cutting import cut_together
from pulumi_flyte_review.rendering.passage import BETWEEN, Passage, Rank, Separator

# The first line of every comment of ours.
COMMENT = "comment"
END = "end"
NO_REPORT = "*There is no report on a stack any more.*"
_PASSAGE = re.compile(
    r"passage (?P<rank>\d) (?P<omitted>\d+) (?P<head>\d+) (?P<tail>\d+) (?P<separator>\w+) (?P<noun>.+)"
)


def is_ours(text: str, dialect: Dialect) -> bool:
    """Return whether a comment is one of this command's."""
    return text.replace("\r\n", "\n").startswith(dialect.hidden(COMMENT) + "\n")


def compose(sections: Mapping[str, Section], dialect: Dialect) -> str:
    """Return the text of a comment, cut to the host's limit."""
    return _text(shortened(sections, dialect), dialect)


def shortened(sections: Mapping[str, Section], dialect: Dialect) -> dict[str, Section]:
    """Return the sections as they fit in one comment."""
    frame = dialect.measure(_text({key: _emptied(section) for key, section in sections.items()}, dialect))
    passages = {key: section.passages for key, section in sections.items()}
    fitting = cut_together(passages, dialect.limit - frame, dialect.measure)
    return {key: replace(section, passages=fitting[key]) for key, section in sections.items()}


def parse(text: str, dialect: Dialect) -> dict[str, Section]:
    """Return the sections of a comment. People may have changed it: what cannot be read is left out."""
    return newest(_sections(text.replace("\r\n", "\n").split("\n"), dialect))


def _text(sections: Mapping[str, Section], dialect: Dialect) -> str:
    blocks = [dialect.hidden(COMMENT)]
    for section in sections.values():
        blocks.append(dialect.hidden(f"section {_header(section)}"))
        for passage in section.passages:
            blocks += [_passage_line(passage, dialect), passage.text]
        blocks.append(dialect.hidden(END))
    if all(section.is_removed for section in sections.values()):
        blocks.append(NO_REPORT)
    return BETWEEN.join(blocks) + "\n"


def _emptied(section: Section) -> Section:
    return replace(
        section, passages=tuple(replace(passage, head="", items=(), tail="", omitted=0) for passage in section.passages)
    )


def _header(section: Section) -> str:
    revision = section.revision
    text = json.dumps([section.key, revision.run, revision.attempt, revision.time])
    return re.sub(r"[<>()]", lambda match: f"\\u{ord(match[0]):04x}", text)


def _passage_line(passage: Passage, dialect: Dialect) -> str:
    # The numbers have a fixed width, so that the frame is equally large however much is cut.
    head, tail = (len(part.split("\n")) if part else 0 for part in (passage.head, passage.tail))
    return dialect.hidden(
        f"passage {passage.rank.value} {passage.omitted:06} {head:02} {tail:02} {passage.separator} {passage.noun}"
    )


def _sections(lines: Sequence[str], dialect: Dialect) -> Iterator[Section]:
    header: Section | None = None
    passages: list[Passage] = []
    passage_line, passage_text = "", list[str]()
    for line in lines:
        hidden = dialect.reveal(line)
        if hidden is None:
            passage_text.append(line)
            continue
        if passage_line:
            passages.append(_passage(passage_line, "\n".join(passage_text).strip("\n")))
        passage_line, passage_text = hidden if hidden.startswith("passage ") else "", []
        if hidden.startswith("section "):
            header, passages = _read_header(hidden.removeprefix("section ")), []
        elif hidden == END and header is not None:
            yield replace(header, passages=tuple(passages))
            header = None


def _read_header(text: str) -> Section | None:
    try:
        key, run, attempt, time = json.loads(text)
        return Section(str(key), Revision(int(run), int(attempt), int(time)), ())
    except (ValueError, TypeError):
        return None


def _passage(line: str, text: str) -> Passage:
    match = _PASSAGE.fullmatch(line)
    if match is None or match["separator"] not in get_args(Separator) or int(match["rank"]) not in set(Rank):
        return Passage(Rank.CHANGE, "notes", items=(text,), separator="whole")
    separator: Separator = next(name for name in get_args(Separator) if name == match["separator"])
    frame = Passage(Rank(int(match["rank"])), match["noun"], separator=separator, omitted=int(match["omitted"]))
    if frame.text == text:
        return frame
    lines, head, tail = text.split("\n"), int(match["head"]), int(match["tail"])
    frame = replace(frame, head="\n".join(lines[:head]), tail="\n".join(lines[len(lines) - tail :]))
    if frame.text == text:
        return frame
    ends = replace(frame, items=("",))
    if len(text) < len(ends.text) or not (text.startswith(ends.before) and text.endswith(ends.after)):
        return Passage(frame.rank, frame.noun, items=(text,), separator="whole", omitted=frame.omitted)
    return replace(frame, items=_items(text[len(ends.before) : len(text) - len(ends.after)], separator))


def _items(text: str, separator: Separator) -> tuple[str, ...]:
    match separator:
        case "whole":
            return (text,)
        case "commas":
            return tuple(text.split(", "))
        case "lines":
            return tuple(re.split(r"\n(?=\S)", text))
