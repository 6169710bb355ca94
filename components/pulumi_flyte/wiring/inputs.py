"""Resolves an entry of `inputs` to an edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pulumi

from pulumi_flyte import links
from pulumi_flyte.links import AppEndpoint, AppLink, Link, SecretLink, StackLink, TaskLink, TaskRef
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring import stack_links
from pulumi_flyte.wiring.caller_key import key_by_urn
from pulumi_flyte.wiring.consumer import Consumer
from pulumi_flyte.wiring.crossing import crossing_problem
from pulumi_flyte.wiring.edge import AppEdge, CallerKey, Edge, KnownEdge, LateEdge, Stored, TaskEdge, ValueEdge
from pulumi_flyte.wiring.late import NO_PLAIN_VALUE, NO_SECRET, checked_input, checked_output, checked_parts
from pulumi_flyte.wiring.linkable import caller_key_of, is_linkable
from pulumi_flyte.wiring.reference_parts import Target, option_problems, part_problems


class _Options(NamedTuple):
    """The options of an edge. `linked`: whether the program gave a `Link`."""

    timeout: float | None = None
    retries: int | None = None
    linked: bool = False

    def stored(self, target: Stored) -> Stored:
        """Return an edge to `target` with these options as the engine stores it."""
        if not self.linked:
            return target
        options = {"timeout": self.timeout, "retries": self.retries}
        return {"to": target, **{name: value for name, value in options.items() if value is not None}}


def resolve_input(alias: str, entry: object, consumer: Consumer, problems: Problems) -> Edge | None:
    """Resolve an entry of `inputs`. Return None if a problem leaves nothing to resolve."""
    path = f"inputs.{alias}"
    to, options = _parts(entry)
    if isinstance(to, str) and not options.linked:
        return ValueEdge(alias=alias, value=to)
    if isinstance(to, StackLink):
        wrong_parts = stack_links.part_problems(to)
        problems.within(path, wrong_parts)
        if wrong_parts:
            return None
        to = checked_output(to, path, consumer)
    if isinstance(to, pulumi.Output):
        output = checked_input(to, path, consumer)
        problems.within(path, option_problems(options.timeout, options.retries, None))
        resolved: pulumi.Output[KnownEdge] = output.apply(lambda value: _once_known(alias, value, options, consumer))
        return LateEdge(alias=alias, resolved=resolved, stored=options.stored(output))
    waits_for, key = None, None
    if is_linkable(to):
        waits_for, key, to = to.resource, caller_key_of(to), to.link_value
    if not isinstance(to, (AppLink, TaskLink, AppEndpoint, TaskRef)):
        problems.add(path, *_refusal(to, linked=options.linked))
        return None
    problems.within(path, option_problems(options.timeout, options.retries, to))
    wrong_parts = part_problems(to)
    problems.within(path, wrong_parts)
    if wrong_parts:
        return None
    if isinstance(to, (AppLink, TaskLink)):
        problems.add(path, crossing_problem(to, consumer.settings))
    if waits_for is None:
        to = checked_parts(to, path, consumer)
    if key is None and isinstance(to, AppLink) and isinstance(to.auth_key, str) and to.auth_key:
        key = key_by_urn(to.auth_key)
    return None if consumer.settings is None else _edge(alias, to, options, consumer.settings, waits_for, key)


def stored_edge(alias: str, stored: object, settings: Settings) -> KnownEdge:
    """Return the edge of an entry as the engine stores it (`Edge.stored`), without its key and what it waits for."""
    return _once_known(alias, stored, _Options(), Consumer("App", alias, settings))


def _parts(entry: object, options: _Options | None = None) -> tuple[object, _Options]:
    """Return what an entry refers to, and its options. `options` are those of an entry without a `Link`."""
    entry = _parsed(entry)
    if isinstance(entry, Link):
        return _parsed(entry.to), _Options(entry.timeout, entry.retries, linked=True)
    return entry, options or _Options()


def _parsed(entry: object) -> object:
    """Return the value that a mapping of another language or stack stands for; any other entry as it is."""
    if not isinstance(entry, Mapping):
        return entry
    link = links.from_dict(entry)
    return entry if link is None else link


def _refusal(entry: object, *, linked: bool) -> tuple[str, object]:
    """Return why an entry is not an input, and the value that the message shows."""
    if isinstance(entry, SecretLink):
        return NO_SECRET, None
    if isinstance(entry, Mapping):
        return "this mapping is not the `link` of an App or a Task, and not a reference by name", dict(entry)
    if isinstance(entry, (str, Link)) and linked:
        return NO_PLAIN_VALUE, None
    return "expected an App, a Task, an AppEndpoint, a TaskRef, a Link or a string", entry


def _once_known(alias: str, value: object, options: _Options, consumer: Consumer) -> KnownEdge:
    """Resolve the value of an Output, which has been checked: it is a string or the mapping of a reference."""
    to, options = _parts(value, options)
    if isinstance(to, (AppLink, TaskLink, AppEndpoint, TaskRef)) and consumer.settings is not None:
        return _edge(alias, to, options, consumer.settings)
    return ValueEdge(alias=alias, value=str(to))


def _edge(
    alias: str,
    to: Target,
    options: _Options,
    settings: Settings,
    waits_for: pulumi.Resource | None = None,
    key: CallerKey | None = None,
) -> AppEdge | TaskEdge:
    by_name = isinstance(to, (AppEndpoint, TaskRef))
    stored = options.stored(links.to_dict(to) if isinstance(to, (AppEndpoint, TaskRef)) else to.as_dict())
    if isinstance(to, (TaskLink, TaskRef)):
        task = _task_of_name(to, settings) if isinstance(to, TaskRef) else to
        return TaskEdge(
            alias=alias, link=task, stored=stored, timeout=options.timeout, by_name=by_name, waits_for=waits_for
        )
    return AppEdge(
        alias=alias,
        link=_app_of_name(to, settings) if isinstance(to, AppEndpoint) else to,
        stored=stored,
        timeout=options.timeout,
        retries=options.retries,
        by_name=by_name,
        key=key,
        waits_for=waits_for,
    )


def _app_of_name(app: AppEndpoint, settings: Settings) -> AppLink:
    project, domain = app.project or settings.project, app.domain or settings.domain
    target = names.target_elsewhere(settings.target, project, domain)
    url, public_url = names.app_endpoint(app.name, target), names.public_app_endpoint(app.name, target)
    return AppLink(project, domain, app.name, url, public_url)


def _task_of_name(task: TaskRef, settings: Settings) -> TaskLink:
    return TaskLink(task.project or settings.project, task.domain or settings.domain, task.name, task.version)
