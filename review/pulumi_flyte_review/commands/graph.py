"""`pulumi-flyte graph`: the declared wiring of a program, without a state."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from pulumi_flyte_review.commands import report_options, reporting
from pulumi_flyte_review.commands.exit_codes import NO_CHANGE
from pulumi_flyte_review.commands.report_options import Subcommands
from pulumi_flyte_review.engine.configuration import only_stack
from pulumi_flyte_review.engine.empty_stack import declared_on_empty_stack
from pulumi_flyte_review.engine.offline.comparison import declared_offline
from pulumi_flyte_review.engine.project import project_in
from pulumi_flyte_review.model.report import Graph
from pulumi_flyte_review.model.workload import stack_of
from pulumi_flyte_review.rendering.documents import json_text
from pulumi_flyte_review.rendering.pictures import dot, mermaid
from pulumi_flyte_review.wiring.picture import Cut, declared_graph

FORMATS: Mapping[str, Callable[[Graph], str]] = {
    "mermaid": lambda graph: mermaid(Cut(graph)),
    "dot": dot,
    "json": json_text,
}


def add_to(commands: Subcommands) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("graph", help="draw the wiring that the program declares")
    report_options.add_program_to(parser, default_stack="the only one with a configuration")
    parser.add_argument("--format", "-f", choices=tuple(FORMATS), default="mermaid", help="default: mermaid")
    parser.add_argument("--output", "-o", metavar="FILE", help="a file for the graph; default: standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Preview the program as if nothing were there, and draw it. Raises EngineError, and ReviewError for a file.

    Python programs run under the stand-in engine, which needs no plugin.
    """
    project = project_in(report_options.folder_of(options))
    name = options.stack or only_stack(project)
    stack = stack_of((declared_offline if project.runtime == "python" else declared_on_empty_stack)(project, name))
    reporting.write_text(FORMATS[options.format](declared_graph(stack)), options.output)
    return NO_CHANGE
