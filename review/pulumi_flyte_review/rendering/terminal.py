"""A report as text for a terminal, with colour and width. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pulumi_flyte_review.model.preview import Operation
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.rendering.applying import applying
from pulumi_flyte_review.rendering.causes import Causes
from pulumi_flyte_review.rendering.changes import dependents, explanations, notes_of, verb
from pulumi_flyte_review.rendering.connections import broken, closed, opened
from pulumi_flyte_review.rendering.exports import exported, exported_later
from pulumi_flyte_review.rendering.markdown import summary
from pulumi_flyte_review.rendering.messages import messages, violated
from pulumi_flyte_review.rendering.pieces import Name, Piece, visible

_STYLES: dict[Operation, str] = {
    "delete": "bold red",
    "replace": "bold magenta",
    "create": "green",
    "import": "green",
    "update": "yellow",
    "read": "cyan",
    "same": "dim",
}
# rich leaves the blank in a line that it wraps after, and pads what it indents. Colours may end there, too.
_END_OF_LINE = re.compile(r"(?: |\x1b\[[\d;]*m)+$", re.MULTILINE)


def terminal(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """Return the report as lines of at most `width` columns, but for the command that applies it."""
    out = StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, color_system="standard" if colour else None, highlight=False
    )
    console.print(Text(f"{report.project}/{report.stack}: {summary(report)}", style="bold"))
    causes = Causes(report.changes)
    for change in report.changes:
        _print_change(console, change, causes, drift=report.drift)
    for contract in report.contracts:
        console.print(_text(broken(contract)), style="bold red")
    for connection in report.reachability.gained:
        console.print(_text(opened(connection)), style="yellow")
    for connection in report.reachability.lost:
        console.print(_text(closed(connection)))
    for operation, names in report.others.items():
        head = f"{verb(operation, drift=report.drift)} {len(names)} other"
        console.print(Text(visible(f"{head}: {', '.join(names)}"), style=_STYLES[operation]))
    for export in report.exports:
        if not export.is_unknown:
            console.print(_text(exported(export)), style="bold red" if export.edit == "delete" else "yellow")
    if later := exported_later(report.exports):
        console.print(_text(later))
    for violation in report.policies:
        console.print(_text(violated(violation)))
    for message in messages(report):
        console.print(_text(message), style="yellow")
    for sentence in report.unchecked:
        console.print(Text(visible(f"not checked: {sentence}")))
    command = applying(report)
    if command is not None:
        # On one line, so that it can be copied.
        console.print(Text(f"Apply exactly this:\n  {command}", style="dim"), soft_wrap=True)
    return _END_OF_LINE.sub(lambda end: end[0].replace(" ", ""), out.getvalue())


def _print_change(console: Console, change: Change, causes: Causes, *, drift: bool) -> None:
    title = visible(f"{verb(change.operation, drift=drift)} {change.kind} {change.name}")
    head = Text(title, style=_STYLES[change.operation])
    notes = [f"{path} cannot change in place" for path in change.replaced_because] + notes_of(change, drift=drift)
    if notes:
        head.append(visible(f" ({'; '.join(notes)})"), style="default")
    console.print(head)
    for sentence in filter(None, (*explanations(change, causes), dependents(change, causes))):
        console.print(Padding(_text(sentence), (0, 0, 0, 2), expand=False))


def _text(pieces: Iterable[Piece]) -> Text:
    text = Text()
    for piece in pieces:
        is_name = isinstance(piece, Name)
        text.append(visible(piece.text if isinstance(piece, Name) else piece), style="bold" if is_name else None)
    return text
