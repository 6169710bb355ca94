"""The arguments of a `Secret`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated

from pulumi_flyte.arguments import workload
from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.values import Flag, PlainText, Text
from pulumi_flyte.arguments.workload import EnvironmentReference
from pulumi_flyte.problems import Problem


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SecretArguments(Declaration):
    """A secret that apps and tasks of its project and domain may ask for."""

    environment: Annotated[EnvironmentReference, workload.ENVIRONMENT]
    value: Annotated[
        Text | None,
        Property(
            "The value. It is encrypted in Pulumi's state and goes nowhere but to the platform's secret store.",
            secret=True,
        ),
    ] = None
    existing: Annotated[
        Flag | None,
        Property("True for a secret that somebody else keeps: it must exist, and is never changed or deleted."),
    ] = None
    adopt: Annotated[Flag | None, workload.ADOPT] = None
    name: Annotated[PlainText | None, Property("The key in the store, by default the Pulumi name.")] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        if ("value" in keys) == bool(self.existing):
            yield Problem("value", "give either value=, such as config.require_secret(...), or existing=True")
