"""The errors that a Pulumi program sees.

FlyteError
├── ArgumentsError    a component's arguments: every problem at once
├── SourceError       the user's own file: missing, does not import, wrong attribute
└── CycleError        an order that cannot be kept, with its path

All are `pulumi.RunError`s: Pulumi prints their text alone, without a traceback.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pulumi

from pulumi_flyte.problems import Problem


def reason_of(error: BaseException) -> str:
    """Return an error's text, or its class if it has none, as a TimeoutError and httpx's timeouts often do."""
    return str(error) or type(error).__name__


class FlyteError(pulumi.RunError):
    """Base of all errors of this package."""


class ArgumentsError(FlyteError):
    """Every problem of the arguments of one component or call. `name` is empty if it has none."""

    def __init__(self, kind: str, name: str, problems: Sequence[Problem]) -> None:
        self.kind, self.name = kind, name
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        what = f"{kind} {name!r}" if name else kind
        super().__init__(f"{what} has {count}:\n{lines}")

    def renamed(self, rename: Callable[[Problem], Problem]) -> ArgumentsError:
        """Return the same error for another language, which spells the properties in another way."""
        return ArgumentsError(self.kind, self.name, [rename(problem) for problem in self.problems])


class SourceError(FlyteError):
    """A source file that cannot be read as what it was declared to be."""


class CycleError(FlyteError):
    """A cycle among things that must start one after the other."""
