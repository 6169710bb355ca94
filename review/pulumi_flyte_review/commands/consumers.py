"""`pulumi-flyte consumers`: who uses what the stacks of a backend export, and whom a change has broken."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from pulumi_flyte_review.commands import reporting
from pulumi_flyte_review.commands.exit_codes import FAILED_ON, NO_CHANGE
from pulumi_flyte_review.commands.report_options import Subcommands, folder_of
from pulumi_flyte_review.consumers.breaks import Break, breaks_of
from pulumi_flyte_review.consumers.reading import exports_by_stack, uses_by_others
from pulumi_flyte_review.consumers.uses import Use
from pulumi_flyte_review.engine.backend import Backend, read_backend
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.urns import title_of
from pulumi_flyte_review.rendering.pieces import visible

DESCRIPTION = """\
Read the states of all stacks of the backend, and list the uses of other stacks' outputs. No passphrase is needed.
Exit codes: 0 all used outputs exist, 3 a used output is missing or has changed its kind or place, 1 error."""


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "consumers",
        help="list the uses of a stack's outputs, and the broken ones",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--stack", "-s", metavar="NAME", help="only uses of this one's outputs: organization/project/stack"
    )
    parser.add_argument("--cwd", "-C", default=".", metavar="FOLDER", help="a folder that `pulumi` uses the backend in")
    parser.add_argument("--format", "-f", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument("--output", "-o", metavar="FILE", help="a file for the answer; default: standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the backend, and write who uses what. Raises EngineError."""
    folder = folder_of(options)
    with reporting.progress() as progress:
        backend = read_backend(folder, progress)
    warn_of_unread(backend)
    states = backend.states
    if options.stack is not None and options.stack not in states:
        names = ", ".join(sorted(states)) or "none"
        raise EngineError(f"--stack {options.stack}: there is no such stack. The backend has {names}")
    uses = uses_by_others(states, options.stack)
    # A stack that cannot be read is there, and nobody knows with which outputs.
    readable = [use for use in uses if use.stack not in backend.unread]
    broken = {each.use: each for each in breaks_of(readable, exports_by_stack(states))}
    text = _json(uses, broken) if options.format == "json" else text_of(uses, broken, backend)
    reporting.write_text(text, options.output)
    return FAILED_ON if broken else NO_CHANGE


def warn_of_unread(backend: Backend) -> None:
    """Name on standard error the stacks whose uses nobody can tell."""
    for name, reason in backend.unread.items():
        print(f"warning: the state of {name} cannot be read, so its uses are not listed: {reason}", file=sys.stderr)


def text_of(uses: list[Use], broken: dict[Use, Break], backend: Backend) -> str:
    """Return the answer for people. Control characters are spelled out, as names are of other people."""
    return "".join(f"{visible(line)}\n" for line in _lines(uses, broken, backend))


def _lines(uses: list[Use], broken: dict[Use, Break], backend: Backend) -> Iterator[str]:
    """Yield the lines for people: what is broken comes first."""
    if broken:
        yield "Broken:"
    for each in broken.values():
        yield f"  {each.use.consumer}  {title_of(each.use.urn)}  {each.use.path}: {each.problem}"
    intact = [use for use in uses if use not in broken]
    for stack in sorted({use.stack for use in intact}):
        yield f"{stack} is used by:"
        for use in intact:
            if use.stack == stack:
                output = " or ".join(use.outputs) or "an output whose name is not in the state"
                yield f"  {use.consumer}  {title_of(use.urn)}  {use.path}: {output}"
    if not uses:
        yield f"Nobody uses an output of another stack. {len(backend.stacks)} stacks were read."


def _json(uses: list[Use], broken: dict[Use, Break]) -> str:
    document = [
        {
            "consumer": use.consumer,
            "urn": use.urn,
            "path": use.path,
            "stack": use.stack,
            "outputs": list(use.outputs),
            "problem": broken[use].problem if use in broken else None,
        }
        for use in uses
    ]
    return json.dumps({"uses": document}, indent=2) + "\n"
