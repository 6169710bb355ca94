"""A report as Markdown. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from pulumi_flyte_review.model.exports import ExportChange
from pulumi_flyte_review.model.preview import Operation
from pulumi_flyte_review.model.report import Change, Graph, Report
from pulumi_flyte_review.rendering import passage
from pulumi_flyte_review.rendering.applying import applying
from pulumi_flyte_review.rendering.causes import Causes
from pulumi_flyte_review.rendering.changes import VERBS, dependents, explanations, notes_of, verb
from pulumi_flyte_review.rendering.connections import broken, closed, opened
from pulumi_flyte_review.rendering.cutting import Passages
from pulumi_flyte_review.rendering.exports import exported, exported_later
from pulumi_flyte_review.rendering.messages import messages, violated
from pulumi_flyte_review.rendering.passage import Passage, Rank
from pulumi_flyte_review.rendering.pictures import changes_picture
from pulumi_flyte_review.rendering.pieces import Name, Piece, visible

# What is lost where it happens by mistake. Its names are never cut.
LOSSES: tuple[Operation, ...] = ("delete", "replace")
NOUNS = {
    "delete": "deletions",
    "replace": "replacements",
    "create": "creations",
    "import": "imports",
    "update": "updates",
    "read": "reads",
    "same": "resources",
}
# More losses than these are named in a row, so that all names fit. Their reasons follow, as long as there is room.
MANY = 8
# More reasons than these are counted.
MOST_REASONS = 12
_PAIR = 2


def markdown(report: Report) -> str:
    """Return the report as GitHub and GitLab show it."""
    return passage.markdown(passages(report))


def passages(report: Report) -> Passages:
    """Return the report in parts that can be cut by importance."""
    return tuple(_passages(report))


def _passages(report: Report) -> Iterator[Passage]:
    title = f"### {_code(f'{report.project}/{report.stack}')}: {summary(report)}"
    yield passage.paragraph(Rank.NEVER_CUT, title)
    causes = Causes(report.changes)
    for operation in VERBS:
        changes = [change for change in report.changes if change.operation == operation]
        if changes:
            yield from _changes(operation, changes, causes, drift=report.drift)
    changed = (f"- **{_pieces(exported(each))}**" for each in report.exports if each.edit == "delete")
    yield from _list("outputs that go", Rank.DANGER, changed)
    breaks = (f"- **{_pieces(broken(contract))}**" for contract in report.contracts)
    yield from _list("broken calls", Rank.DANGER, breaks)
    gained = (f"- **{_pieces(opened(connection))}**" for connection in report.reachability.gained)
    yield from _list("opened connections", Rank.DANGER, gained)
    lost = (f"- {_pieces(closed(connection))}" for connection in report.reachability.lost)
    yield from _list("closed connections", Rank.CONSEQUENCE, lost)
    yield from _others(report.others, drift=report.drift)
    yield from _exports(report.exports)
    violations = (f"- {_pieces(violated(violation))}" for violation in report.policies)
    yield from _list("policy violations", Rank.DANGER, violations)
    yield from _picture(report.graph)
    yield from _list(
        "messages",
        Rank.DETAIL,
        (
            *(f"- {_pieces(message)}" for message in messages(report)),
            *(f"- not checked: {_inline(sentence)}" for sentence in report.unchecked),
        ),
    )
    command = applying(report)
    if command is not None:
        yield passage.paragraph(Rank.NEVER_CUT, f"Apply exactly this: {_code(command)}")


def _picture(graph: Graph) -> Iterator[Passage]:
    """Yield the wiring around what changes, folded. A pair needs no picture, and one of a crowd is cut."""
    changing = [node for node in graph.nodes if node.operation != "same"]
    rewired = [edge for edge in graph.edges if edge.edit != "same"]
    picture = changes_picture(graph)
    if picture and len(changing) + len(rewired) > _PAIR:
        text = f"<details><summary>Wiring</summary>\n\n```mermaid\n{picture}```\n\n</details>"
        yield passage.paragraph(Rank.PICTURE, text, "pictures")


def _list(noun: str, rank: Rank, items: Iterable[str], head: str = "") -> Iterator[Passage]:
    lines = tuple(items)
    if lines:
        yield Passage(rank, noun, head=head, items=lines)


def _changes(operation: Operation, changes: Sequence[Change], causes: Causes, *, drift: bool) -> Iterator[Passage]:
    noun = NOUNS[operation]
    lines = tuple("\n".join(_change(change, causes, drift=drift)) for change in changes)
    if operation not in LOSSES:
        losing = sum(1 for change in changes if change.losses)
        yield from _list(f"{noun} that delete resources", Rank.DANGER, lines[:losing])
        yield from _list(noun, Rank.CHANGE, lines[losing:])
    elif len(changes) <= MANY:
        yield Passage(Rank.NEVER_CUT, noun, items=lines)
    else:
        for kind, of_kind in groupby(sorted(changes, key=lambda change: change.kind), key=lambda change: change.kind):
            yield _row(Rank.NEVER_CUT, operation, [_code(change.name) for change in of_kind], kind, drift=drift)
        yield Passage(Rank.DANGER, f"reasons for {noun}", items=lines)


def _row(rank: Rank, operation: Operation, names: Sequence[str], kind: str, *, drift: bool) -> Passage:
    """Return names one after the other."""
    words = f"{len(names):,} {kind}{'s' if len(names) > 1 else ''}"
    first, *rest = (name.replace(",", "，") for name in names)
    items = (f"- **{verb(operation, drift=drift)} {words}**: {first}", *rest)
    return Passage(rank, f"{NOUNS[operation]} of {kind}s by name", items=items, separator="commas")


def summary(report: Report) -> str:
    """Return the counts of a report in one line."""
    counts = Counter(change.operation for change in report.changes)
    if report.drift:
        outside = sum(counts.values()) + sum(map(len, report.others.values()))
        return f"{outside} changed outside of Pulumi" if outside else "nothing changed outside of Pulumi"
    parts = [f"{VERBS[operation]} {counts[operation]}" for operation in VERBS if counts[operation]]
    parts += [f"{VERBS[operation]} {len(names)} other" for operation, names in report.others.items()]
    outputs = len({each.name.partition(".")[0] for each in report.exports if not each.is_unknown})
    parts += [f"changes {outputs} output{'s' if outputs > 1 else ''}"] if outputs else []
    return ", ".join(parts) or "no changes"


def _change(change: Change, causes: Causes, *, drift: bool) -> Iterator[str]:
    head = f"- **{verb(change.operation, drift=drift)} {change.kind} {_code(change.name)}**"
    notes = []
    if change.replaced_because:
        notes.append(f"{', '.join(map(_code, change.replaced_because))} cannot change in place")
    notes += notes_of(change, drift=drift)
    if notes:
        head += f" ({'; '.join(notes)})"
    reasons = list(map(_pieces, explanations(change, causes)))
    if len(reasons) > MOST_REASONS:
        reasons[MOST_REASONS:] = [f"{len(reasons) - MOST_REASONS:,} more reasons"]
    callers = _pieces(dependents(change, causes))
    if len(reasons) == 1:
        yield f"{head}: {'; '.join(filter(None, (reasons[0], callers)))}"
        return
    yield f"{head}:" if reasons else head
    yield from (f"  - {line}" for line in (*reasons, callers) if line)


def _exports(exports: Sequence[ExportChange]) -> Iterator[Passage]:
    certain = [each for each in exports if each.edit != "delete" and not each.is_unknown]
    lines = [f"- {_pieces(exported(each))}" for each in certain]
    later = exported_later(exports)
    yield from _list("outputs", Rank.CONSEQUENCE, [*lines, *([f"- {_pieces(later)}"] if later else [])])


def _others(others: Mapping[Operation, tuple[str, ...]], *, drift: bool) -> Iterator[Passage]:
    for operation, names in others.items():
        if names:
            rank = Rank.NEVER_CUT if operation in LOSSES else Rank.DETAIL
            yield _row(rank, operation, [_code(name) for name in names], "other resource", drift=drift)


def _pieces(pieces: Iterable[Piece]) -> str:
    return "".join(_code(piece.text) if isinstance(piece, Name) else _inline(piece) for piece in pieces)


def _code(text: str) -> str:
    """Return a code span on one line. Its fence is longer than any run of backticks inside."""
    text = visible(" ".join(text.split()))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _inline(text: str) -> str:
    """Return words on one line, in which nothing is markup, and which call nobody by an @."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", visible(re.sub(r"\s+", " ", text))).replace("@", "@\u200b")
