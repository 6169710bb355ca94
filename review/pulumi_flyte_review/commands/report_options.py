"""The options of the subcommands that write a report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_flyte_review.commands.exit_codes import KINDS
from pulumi_flyte_review.engine.pulumi import Program
from pulumi_flyte_review.errors import EngineError

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subcommands = object

FORMATS = ("text", "markdown", "json")


def add_program_to(parser: argparse.ArgumentParser, default_stack: str = "the selected one") -> None:
    """Add the options that name the program."""
    parser.add_argument("--stack", "-s", metavar="NAME", help=f"the stack; default: {default_stack}")
    parser.add_argument("--cwd", "-C", default=".", metavar="FOLDER", help="the program's folder; default: this one")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_program_to(parser)
    parser.add_argument("--format", "-f", choices=FORMATS, default="text", help="default: text")
    parser.add_argument("--output", "-o", metavar="FILE", help="a file for the report; default: standard output")
    parser.add_argument(
        "--fail-on", default=(), metavar="KINDS", type=_kinds, help=f"exit with 3 on any of {', '.join(KINDS)}"
    )


def program_of(options: argparse.Namespace) -> Program:
    """Return the program that the options name. Raises EngineError if the folder does not exist."""
    return Program(folder_of(options), options.stack)


def folder_of(options: argparse.Namespace) -> Path:
    """Return the folder of --cwd. Raises EngineError if it does not exist."""
    folder = Path(options.cwd)
    if not folder.is_dir():
        raise EngineError(f"--cwd {folder}: there is no such folder")
    return folder


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in text.split(",") if kind.strip())
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown kind {unknown[0]!r}: choose from {', '.join(KINDS)}")
    return kinds
