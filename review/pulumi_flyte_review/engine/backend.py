"""The stacks of a backend, whichever it is, by the command `pulumi`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pulumi_flyte_review.engine.project import project_around
from pulumi_flyte_review.engine.pulumi import Program, output_in
from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Json, Preview

_AT_A_TIME = 4


@dataclass(frozen=True, slots=True)
class StackState:
    """A stack's resources as its state has them, secrets encrypted. stack: its full name."""

    stack: str
    resources: Sequence[Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Backend:
    """The stacks of a backend. unread: those whose state cannot be read, with the reason."""

    stacks: tuple[StackState, ...]
    unread: Mapping[str, str]

    @property
    def states(self) -> dict[str, Sequence[Mapping[str, Json]]]:
        """The resources by stack."""
        return {each.stack: each.resources for each in self.stacks}


def read_backend(folder: Path, progress: Callable[[str], None] = lambda text: None) -> Backend:
    """Return the stacks of the backend that `pulumi` uses in a folder. No passphrase is needed. Raises EngineError."""
    try:
        listed = json.loads(output_in(folder, ["stack", "ls", "--all", "--json"]))
    except EngineError as error:
        # One broken file of a backend's folder is enough, and Pulumi does not name it.
        raise EngineError(
            f"{error}\n`pulumi stack ls --all` cannot list the stacks of the backend: mend that first"
        ) from None
    names = _full_names(folder, [str(each["name"]) for each in listed])

    def read(name: str) -> StackState | EngineError:
        progress(f"reading {name}")
        try:
            document = json.loads(output_in(folder, ["stack", "export", "--stack", name]))
        except EngineError as error:
            return error
        return StackState(name, (document.get("deployment") or {}).get("resources") or [])

    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        states = dict(zip(names, threads.map(read, names), strict=True))
    return Backend(
        tuple(state for state in states.values() if isinstance(state, StackState)),
        {name: str(state) for name, state in states.items() if isinstance(state, EngineError)},
    )


def full_name(program: Program, preview: Preview, backend: Backend) -> str:
    """Return the full name of the stack that was previewed. Raises EngineError where several have its short name."""
    names = [each.stack for each in backend.stacks] + list(backend.unread)
    alike = [name for name in names if name.endswith(f"/{preview.project}/{preview.stack}")]
    if program.stack in alike:
        return program.stack
    if len(alike) > 1:
        raise EngineError(f"--consumers: {' and '.join(sorted(alike))} are alike: name one in full with --stack")
    if not alike:
        raise EngineError(
            f"--consumers: `pulumi stack ls --all` does not list the stack {preview.project}/{preview.stack}"
        )
    return alike[0]


def _full_names(folder: Path, names: Sequence[str]) -> list[str]:
    """Return names as references have them. `pulumi` leaves out the project of a folder and the user's organization."""
    if all(name.count("/") == 2 for name in names):
        return list(names)
    project = project_around(folder)
    me = json.loads(output_in(folder, ["whoami", "--json"]))
    # Only Pulumi's service has organizations.
    organization = str(me["user"]) if str(me["url"]).startswith("http") else "organization"
    full = (name if "/" in name else f"{project.name if project else ''}/{name}" for name in names)
    return [name if name.count("/") == 2 else f"{organization}/{name}" for name in full]
