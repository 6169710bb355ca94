"""The arguments that apps and tasks share: code, wiring, container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import pulumi

from pulumi_flyte.arguments.declaration import Declaration, Named, Property, crossing, values_of
from pulumi_flyte.arguments.refusal import Converted, refused
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problem
from pulumi_flyte.source.read_source import ReadSource

_COMMAND = 'expected a list of strings, one per word: ["streamlit", "run", "page.py"]'
_INCLUDE = 'expected a list of paths or globs: ["data/*.csv"]'

Words: TypeAlias = Sequence[str | pulumi.Output[str]]


def words(value: object) -> object:
    """Return a command as a list. Raises for anything but a list of strings."""
    right = isinstance(value, Sequence) and all(isinstance(part, (str, pulumi.Output)) for part in value)
    if isinstance(value, (str, bytes)) or not right or not isinstance(value, Sequence):
        raise refused(Problem("", _COMMAND, value))
    return list(value)


def patterns(value: object) -> object:
    """Return paths and globs as a list. Raises if they are not a list of strings."""
    right = isinstance(value, Sequence) and all(isinstance(item, str) for item in value)
    if isinstance(value, (str, bytes)) or not right or not isinstance(value, Sequence):
        raise refused(Problem("", _INCLUDE, value))
    # The text of a subclass of str: the file system takes no other.
    return [str.__str__(item) for item in value]


def source(value: object) -> object:
    """Return a source as it is. Raises if it is neither a text nor a source that was read before."""
    if not isinstance(value, (str, ReadSource)):
        raise refused(Problem("", 'expected a string "file.py:attribute"', value))
    return value


def wired(value: object) -> object:
    """Return references as they are: wiring checks them, as it knows where their consumer runs."""
    return value


Source = Annotated[str | ReadSource, Converted(source)]
Command = Annotated[Words, Converted(words)]
Include = Annotated[Sequence[str], Converted(patterns)]
EnvironmentReference = Annotated[object, Converted(wired), Named("EnvironmentArgument", may_be_output=False)]
Inputs = Annotated[Mapping[str, Annotated[object, Named("WorkloadInput")]], Converted(wired)]
Secrets = Annotated[Mapping[str, Annotated[object, Named("WorkloadSecret")]], Converted(wired)]

INPUTS = Property(
    "What it may call, by alias: an App, a Task, a reference by name, a link with options for its edge, or a plain"
    " string."
)
SECRETS = Property("Variable name to a Secret.")
RESOURCES = Property("What the container asks for and may use; a pair is request and limit.")
IMAGE = Property(
    "The URI of a container image, or what it is made of: on `local` its packages become an environment of their own."
)
INCLUDE = Property("More files of the bundle: paths, folders or globs.")
ENV = Property("Plain environment variables.")
ADOPT = Property("Take over an object that exists and is not this resource's.", default=False)
ENVIRONMENT = Property(
    "The Environment that it runs in.", missing='required: Environment("name") settles where it runs'
)
DESCRIPTION = Property("A short text.")

# What the engine gets as wiring resolves it.
_RESOLVED = ("environment", "inputs", "secrets")


def properties_of(arguments: Declaration) -> dict[str, Any]:
    """Return the arguments as the engine stores and compares them, without those that wiring resolves."""
    values = {name: value for name, value in values_of(arguments).items() if name not in _RESOLVED}
    read = values.get("source")
    if isinstance(read, ReadSource):
        values["source"] = read.text
    return {camel(name): crossing(value) for name, value in values.items()}
