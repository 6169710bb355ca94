"""Checks the options of Pulumi that a component gets: those that it cannot carry out, and values of a wrong type.

Pulumi ignores many of them, or reports them with a traceback of its own code. What `pulumi.ResourceOptions` checks
itself, such as `depends_on`, is not checked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import pulumi

from pulumi_flyte.engine.object_options import EVERYTHING, ObjectProperties, parsed
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problems, nearest
from pulumi_flyte.version import VERSION

_NO_ID = "a component has no id: to take over an object that exists, pass adopt=True instead"
# A duration of Go, which is what the engine reads.
_DURATION = re.compile(r"0|((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+")
# What no component can have, and why.
_IMPOSSIBLE = {
    "import_": _NO_ID,
    "id": _NO_ID,
    "urn": "a component cannot be read from the state: refer to it by its `link`, or by a StackLink",
    "plugin_download_url": "the plugin comes with the package pulumi-flyte, and is not downloaded: remove it",
    "env_var_mappings": "only a provider has them: pass them to a pulumi_flyte.Provider",
    "additional_secret_outputs": "an output of a component cannot become secret, as what is wired to it has the same"
    " value in its own properties: pass what you export to pulumi.Output.secret()",
}
# What concerns the one resource that a component stands for.
_OF_OBJECT = (
    "ignore_changes",
    "replace_on_changes",
    "hide_diffs",
    "delete_before_replace",
    "replacement_trigger",
    "replace_with",
    "hooks",
)


def check_options(
    options: pulumi.ResourceOptions | None, kind: str, properties: ObjectProperties | None, problems: Problems
) -> None:
    """Check the options of a component.

    kind: such as `App`. properties: those of the resource that it stands for, or None if it stands for several or none.
    """
    if options is None:
        return
    before = len(problems.entries)
    _check_types(options, problems)
    if len(problems.entries) > before:
        return
    for name, reason in _IMPOSSIBLE.items():
        if getattr(options, name):
            problems.add(f"opts.{name}", reason, getattr(options, name))
    if options.version and options.version != VERSION:
        reason = f"it is the version of the installed package, {VERSION}: install another pulumi-flyte instead"
        problems.add("opts.version", reason, options.version)
    if properties is None:
        _refuse_all(options, kind, problems)
    else:
        _check_paths(options, kind, properties, problems)


def _refuse_all(options: pulumi.ResourceOptions, kind: str, problems: Problems) -> None:
    reason = (
        f"it has no effect on this {kind}, which stands for no single object: a function in `transforms` can add it"
        " to a resource below it"
    )
    for name in _OF_OBJECT:
        value = getattr(options, name)
        # What `ResourceOptions.merge` returns has a binding also where nobody has bound a hook.
        is_set = any(vars(value).values()) if isinstance(value, pulumi.ResourceHookBinding) else value
        if is_set:
            problems.add(f"opts.{name}", reason)


def _check_paths(options: pulumi.ResourceOptions, kind: str, properties: ObjectProperties, problems: Problems) -> None:
    for name, paths in (("replace_on_changes", options.replace_on_changes), ("hide_diffs", options.hide_diffs)):
        for path in paths or ():
            if (name, path) != ("replace_on_changes", EVERYTHING):
                problems.add(f"opts.{name}", _path_problem(path, frozenset(properties.names), properties), path)
    for path in options.ignore_changes or ():
        problems.add("opts.ignore_changes", _ignored_problem(path, kind, properties), path)


def _ignored_problem(path: str, kind: str, properties: ObjectProperties) -> str | None:
    if not properties.ignorable:
        return f"a version of a {kind} is a hash of all its arguments, so no change of them can be ignored"
    argument = parsed(path)
    if argument is not None and argument.name in properties.entries and not argument.entry:
        return f"name the entries, such as {argument.name}.LOG_LEVEL: the wiring is in the same property"
    return _path_problem(path, properties.ignorable, properties)


def _path_problem(path: str, arguments: frozenset[str], properties: ObjectProperties) -> str | None:
    argument = parsed(path)
    name = None if argument is None else argument.name
    if argument is not None and name in _camel(arguments):
        whole = not argument.entry or name in properties.entries
        return None if whole else "name the whole argument, and not a part of it"
    # What is an argument is no misspelling of another one.
    is_argument = name in _camel(properties.names)
    listed = f"; known: {', '.join(sorted(arguments))}" if is_argument else nearest(path, arguments)
    return f"this option does not take this argument{listed}"


def _camel(arguments: Iterable[str]) -> set[str]:
    return set(map(camel, arguments))


def _check_types(options: pulumi.ResourceOptions, problems: Problems) -> None:
    for name, (is_right, expected) in _TYPES.items():
        value = getattr(options, name)
        if value is not None and not is_right(value):
            problems.add(f"opts.{name}", f"expected {expected}", value)
    _check_timeouts(options.custom_timeouts, problems)


def _check_timeouts(timeouts: object, problems: Problems) -> None:
    for name in ("create", "update", "delete", "read"):
        limit = timeouts.get(name) if isinstance(timeouts, Mapping) else getattr(timeouts, name, None)
        if limit is not None and not (isinstance(limit, str) and _DURATION.fullmatch(limit)):
            problems.add(f"opts.custom_timeouts.{name}", 'expected a duration such as "90s", "5m" or "1h30m"', limit)


def _is_resource(value: object) -> bool:
    return isinstance(value, pulumi.Resource)


def _is_provider(value: object) -> bool:
    return isinstance(value, pulumi.ProviderResource)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are(is_right: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, (list, tuple)) and all(map(is_right, value))


def _are_providers(value: object) -> bool:
    return _are(_is_provider)(list(value.values()) if isinstance(value, Mapping) else value)


_FLAG = (_is_flag, "True or False")
_RESOURCE = (_is_resource, "a component or a resource")
_PATHS = (_are(_is_text), 'a list of properties, such as ["description"]')
_TYPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "protect": _FLAG,
    "retain_on_delete": _FLAG,
    "delete_before_replace": _FLAG,
    "parent": _RESOURCE,
    "deleted_with": _RESOURCE,
    "replace_with": (_are(_is_resource), "a list of components or resources"),
    "provider": (_is_provider, "a provider, such as pulumi_flyte.Provider(…)"),
    "providers": (_are_providers, "a list of providers, such as [pulumi_flyte.Provider(…)]"),
    "ignore_changes": _PATHS,
    "replace_on_changes": _PATHS,
    "hide_diffs": _PATHS,
}
