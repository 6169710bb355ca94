"""Edits of generated programs, each of which can be undone alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    FileReason,
    PackageReason,
    Reason,
    SecretReason,
    UpstreamReason,
)

from tests.review.generated.programs import App, Program


@dataclass(frozen=True)
class Edit:
    """An edit. causes: says whether it is what a reason of a workload, `app web`, names. targets: what it edits."""

    name: str
    apply: Callable[[Program], Program]
    causes: Callable[[str, Reason], bool]
    targets: frozenset[str]


def edited(program: Program, edits: Iterable[Edit]) -> Program:
    """Return a program after some edits."""
    for edit in edits:
        program = edit.apply(program)
    return program


def code(chance: random.Random, program: Program) -> Edit:
    """Edit a module: a workload's own, or one that several share."""
    module = chance.choice(sorted(program.numbers))
    number = program.numbers[module] + chance.randrange(1, 9)

    def apply(before: Program) -> Program:
        return replace(before, numbers={**before.numbers, module: number})

    return Edit(f"edit {module}.py", apply, lambda _, reason: _is_file(reason, f"{module}.py"), frozenset({module}))


def _is_file(reason: Reason, *paths: str) -> bool:
    return isinstance(reason, FileReason) and reason.path in paths


def argument(chance: random.Random, program: Program) -> Edit:
    """Give an argument of an app or a task another value."""
    kind = chance.choice(["colour", "replicas", "retries", "cron"])
    if kind in ("colour", "replicas"):
        name = chance.choice(sorted(program.apps))
        colour, replicas = chance.choice(["blue", "green"]), chance.randrange(1, 4)

        def of_app(before: Program) -> Program:
            app = before.apps[name]
            return before.with_app(
                name, replace(app, colour=colour) if kind == "colour" else replace(app, replicas=replicas)
            )

        path = "env.COLOUR" if kind == "colour" else "scaling"
        return Edit(f"{kind} of {name}", of_app, _argument_of({f"app {name}"}, path), frozenset({name}))
    name = chance.choice(sorted(program.tasks))
    retries, cron = chance.randrange(1, 5), f"{chance.randrange(60)} 3 * * *"

    def of_task(before: Program) -> Program:
        task = before.tasks[name]
        return before.with_task(name, replace(task, retries=retries) if kind == "retries" else replace(task, cron=cron))

    path = "retries" if kind == "retries" else "triggers"
    return Edit(
        f"{kind} of {name}", of_task, _argument_of({f"task {name}", f"trigger {name}-nightly"}, path), frozenset({name})
    )


def _argument_of(workloads: set[str], path: str) -> Callable[[str, Reason], bool]:
    def causes(workload: str, reason: Reason) -> bool:
        if not isinstance(reason, ArgumentReason) or workload not in workloads:
            return False
        return reason.path == path or reason.path.startswith((f"{path}.", f"{path}[")) or workload.startswith("trigger")

    return causes


def package(chance: random.Random, program: Program) -> Edit:
    """Give an app a package, or another version of it."""
    name = chance.choice(sorted(program.apps))
    version = f"0.{chance.randrange(20, 29)}.0"

    def apply(before: Program) -> Program:
        return before.with_app(name, replace(before.apps[name], package=f"httpx=={version}"))

    def causes(workload: str, reason: Reason) -> bool:
        return workload == f"app {name}" and (
            isinstance(reason, PackageReason)
            or (isinstance(reason, ArgumentReason) and reason.path.startswith("image"))
        )

    return Edit(f"package of {name}", apply, causes, frozenset({name}))


def secret(chance: random.Random, program: Program) -> Edit:
    """Set a secret."""
    key = chance.choice(sorted(program.secrets))

    def apply(before: Program) -> Program:
        return replace(before, secrets={**before.secrets, key: before.secrets[key] + 1})

    def causes(workload: str, reason: Reason) -> bool:
        if workload != f"secret {key}":
            return False
        return isinstance(reason, SecretReason) or (isinstance(reason, ArgumentReason) and reason.secret)

    return Edit(f"set {key}", apply, causes, frozenset({key}))


def configuration(chance: random.Random, program: Program) -> Edit:
    """Set a configuration key."""
    key = chance.choice(sorted(program.configuration))
    value = f"value{chance.randrange(99)}"

    def apply(before: Program) -> Program:
        return replace(before, configuration={**before.configuration, key: value})

    def causes(workload: str, reason: Reason) -> bool:
        is_reader = workload.removeprefix("app ") in {name for name, app in program.apps.items() if app.key == key}
        is_value = is_reader and isinstance(reason, ArgumentReason) and reason.path == "env.VALUE"
        return is_value or (isinstance(reason, ConfigurationReason) and reason.key == f"shop:{key}")

    return Edit(f"configure {key}", apply, causes, frozenset({key}))


def wiring(chance: random.Random, program: Program) -> Edit:
    """Wire an app to another one or to a task, or take such an edge away."""
    names = sorted(program.apps)
    name = chance.choice(names)
    callees = program.apps[name].callees
    candidates = [*sorted(program.tasks), *names[: names.index(name)]]
    callee = chance.choice(candidates)
    new = tuple(each for each in callees if each != callee) if callee in callees else (*callees, callee)

    def apply(before: Program) -> Program:
        return before.with_app(name, replace(before.apps[name], callees=new))

    def causes(workload: str, reason: Reason) -> bool:
        if workload == f"app {callee}":  # an app that has callers now has a key, or none
            return isinstance(reason, UpstreamReason) and reason.name == name
        about_edge = isinstance(reason, ArgumentReason) and reason.path.startswith(f"inputs.{callee}")
        return workload == f"app {name}" and about_edge

    return Edit(f"wire {name} to {callee}", apply, causes, frozenset({name, callee}))


def authentication(chance: random.Random, program: Program) -> Edit:
    """Let an app ask for credentials, or no longer."""
    name = chance.choice(sorted(program.apps))

    def apply(before: Program) -> Program:
        app = before.apps[name]
        return before.with_app(name, replace(app, requires_auth=not program.apps[name].requires_auth))

    def causes(workload: str, reason: Reason) -> bool:
        is_argument = (
            workload == f"app {name}" and isinstance(reason, ArgumentReason) and reason.path == "requires_auth"
        )
        return is_argument or (isinstance(reason, UpstreamReason) and reason.name == name and reason.by == "credential")

    return Edit(f"authentication of {name}", apply, causes, frozenset({name}))


def removal(chance: random.Random, program: Program) -> Edit:
    """Remove an app, with the edges to it."""
    name = chance.choice(sorted(program.apps))

    def without(app: App) -> App:
        return replace(app, callees=tuple(each for each in app.callees if each != name))

    def apply(before: Program) -> Program:
        return replace(before, apps={each: without(app) for each, app in before.apps.items() if each != name})

    def causes(workload: str, reason: Reason) -> bool:
        return isinstance(reason, ArgumentReason) and reason.path.startswith(f"inputs.{name}")

    return Edit(f"remove {name}", apply, causes, frozenset({name, program.apps[name].module}))


def renaming(chance: random.Random, program: Program) -> Edit:
    """Rename an app that nobody calls."""
    called = {callee for app in program.apps.values() for callee in app.callees}
    name = chance.choice([each for each in sorted(program.apps) if each not in called] or sorted(program.apps)[-1:])

    def apply(before: Program) -> Program:
        return replace(before, apps={f"{each}x" if each == name else each: app for each, app in before.apps.items()})

    return Edit(f"rename {name}", apply, lambda _, reason: False, frozenset({name, program.apps[name].module}))


def moving(chance: random.Random, program: Program) -> Edit:
    """Move the code of an app to another file."""
    name = chance.choice(sorted(program.apps))
    module = program.apps[name].module

    def apply(before: Program) -> Program:
        numbers = {f"{each}_moved" if each == module else each: number for each, number in before.numbers.items()}
        return replace(before, numbers=numbers).with_app(name, replace(before.apps[name], module=f"{module}_moved"))

    def causes(workload: str, reason: Reason) -> bool:
        is_source = workload == f"app {name}" and isinstance(reason, ArgumentReason) and reason.path == "source"
        return is_source or _is_file(reason, f"{module}.py", f"{module}_moved.py")

    return Edit(f"move {module}.py", apply, causes, frozenset({name, module}))


# In the order in which they can be applied together: those that take a name away come last.
KINDS = (
    *(code, code, argument, argument, package, secret, configuration, wiring, authentication),
    *(moving, removal, renaming),
)


def several(chance: random.Random, program: Program, count: int) -> list[Edit]:
    """Return edits of different kinds and of different things. At most one removes, renames or moves something."""
    kinds = chance.sample(range(len(KINDS)), count)
    structural = [index for index in kinds if index >= len(KINDS) - 3]
    edits: list[Edit] = []
    for index in sorted(index for index in kinds if index not in structural[1:]):
        edit = KINDS[index](chance, program)
        if not any(edit.targets & other.targets for other in edits):
            edits.append(edit)
    return edits
