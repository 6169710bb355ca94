"""The arguments of a `Secret`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated

import pulumi

from pulumi_flyte.arguments import workload
from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.refusal import Converted, refused, rule
from pulumi_flyte.arguments.values import Flag, PlainText
from pulumi_flyte.arguments.workload import EnvironmentReference
from pulumi_flyte.problems import Problem


def secret_value(value: object) -> object:
    """Return a secret's value as it is. Raises if it is neither a text nor an Output."""
    if not isinstance(value, (str, pulumi.Output)):
        raise refused(Problem("", "expected a string", value))
    return value


SecretValue = Annotated[str | pulumi.Output[str], Converted(secret_value)]
EntryName = Annotated[
    PlainText,
    rule(
        lambda name: (
            None if re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", name) else "expected only letters, digits, '-', '_' and '.'"
        )
    ),
]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SecretArguments(Declaration):
    """A secret that apps and tasks of its project and domain may ask for."""

    environment: Annotated[EnvironmentReference, workload.ENVIRONMENT]
    value: Annotated[
        SecretValue | None,
        Property(
            "The value. It is encrypted in Pulumi's state and goes nowhere but to the platform's secret store.",
            secret=True,
        ),
    ] = None
    existing: Annotated[
        Flag | None,
        Property("True for a secret that somebody else keeps: it must exist, and is never changed or deleted."),
    ] = None
    entry: Annotated[
        EntryName | None,
        Property("The entry of an existing secret on `kubernetes`, where one has several.", default="value"),
    ] = None
    adopt: Annotated[Flag | None, workload.ADOPT] = None
    name: Annotated[PlainText | None, Property("The key in the store, by default the Pulumi name.")] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if ("value" in keys) == bool(self.existing):
            yield Problem("value", "give either value=, such as config.require_secret(...), or existing=True")
        if self.entry is not None and "value" in keys:
            yield Problem("entry", "only an existing secret has entries of other names: leave this out", self.entry)
