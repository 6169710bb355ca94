"""Variables that an install of Flyte OSS sets in every app by itself.

It puts them beside the app's own (flyteorg/flyte `app_client.go`, and `internalApps.defaultEnvVars` of its
configuration), and Knative's resource definition takes a name only once: an app that declares one of them is refused.
Three are the same in every install and are never sent. Which others there are, only the refusal says. Those of Flyte's
own contract are left to the platform, whose value is the one that works in its pods; any other is for the user to take
out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Set

from flyte_runtime.contract import FLYTE_VARIABLES
from flyteidl2.app import app_definition_pb2 as pb

from pulumi_flyte_provider.errors import ApiError
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.values import Properties

_REFUSED = re.compile(r'env\[\d+\]: Duplicate value: \{"name":"([^"]+)"\}')


def refused(message: str) -> frozenset[str]:
    """Return the variables that the API names as set twice."""
    return frozenset(_REFUSED.findall(message))


def send(
    mark: Mark, unsent: frozenset[str], write: Callable[[Mark], pb.Spec], deploy: Callable[[pb.Spec], pb.App]
) -> tuple[Mark, pb.App]:
    """Deploy what `write` returns for the mark, without the variables in `unsent`. Return the mark of the spec that the
    platform took, and the app. If the platform refuses more variables, deploy without those as well.

    Raise ApiError if one of the refused variables is the user's: only Flyte's may be left to the platform.
    """
    whole = mark.model_copy(update={"left": tuple(sorted(unsent))})
    try:
        return whole, deploy(write(whole))
    except ApiError as error:
        twice = refused(str(error))
        if not twice:
            raise
        users = sorted(twice - FLYTE_VARIABLES)
        if users:
            raise ApiError(
                f"Flyte sets {_listed(users)} in every app itself (internalApps.defaultEnvVars of this install) and"
                f" takes no other value: remove {'it' if len(users) == 1 else 'them'} from env",
                error.code,
            ) from error
    left = mark.model_copy(update={"left": tuple(sorted(twice | unsent))})
    return left, deploy(write(left))


def restore(inputs: Properties, before: Properties, left: tuple[str, ...]) -> Properties:
    """Return the inputs with the variables that were declared and left to the platform."""
    declared = before.get("env") or {}
    unsent = {name: declared[name] for name in left if name in declared}
    return {**inputs, "env": {**(inputs.get("env") or {}), **unsent}} if unsent else inputs


def news(left: Iterable[str], before: Iterable[str], always: Set[str]) -> str | None:
    """Return the message about the variables that are left out now and were not `before`.

    always: variables that every install sets to the declared values. Nothing is said about them.
    """
    new = sorted(set(left) - set(before) - always)
    return f"Flyte sets {_listed(new)} in every app itself: its values count here" if new else None


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
