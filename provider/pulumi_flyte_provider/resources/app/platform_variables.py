"""Variables that an installation of Flyte OSS sets in every app.

Flyte adds them to the variables of the app (flyteorg/flyte `app_client.go`, and `internalApps.defaultEnvVars` in its
configuration). Knative accepts each name only once, so an app that declares one of them is refused.

Three variables are the same in every installation, and are never sent. The others are only known from the refusal. For
variables that Flyte's SDK needs, the platform's value is used, because it works in the platform's pods. The user must
remove all others.
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
    """Return the variables that are set twice, from an error of the API."""
    return frozenset(_REFUSED.findall(message))


def send(
    mark: Mark, unsent: frozenset[str], write: Callable[[Mark], pb.Spec], deploy: Callable[[pb.Spec], pb.App]
) -> tuple[Mark, pb.App]:
    """Deploy the spec of `write` without the variables in `unsent`. Return the mark in the accepted spec, and the app.

    If the platform refuses more variables, deploy again without them. Raise ApiError if one of them is not a variable
    of Flyte, because only Flyte's variables may be left to the platform.
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
    """Return the inputs with the declared variables that were left to the platform."""
    declared = before.get("env") or {}
    unsent = {name: declared[name] for name in left if name in declared}
    return {**inputs, "env": {**(inputs.get("env") or {}), **unsent}} if unsent else inputs


def news(left: Iterable[str], before: Iterable[str], always: Set[str]) -> str | None:
    """Return the message about variables that are left out now and were not left out before, or None.

    always: variables that every installation sets to the declared values. The message does not mention them.
    """
    new = sorted(set(left) - set(before) - always)
    return f"Flyte sets {_listed(new)} in every app itself: its values count here" if new else None


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
