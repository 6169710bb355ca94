"""An app's arguments as parts of its specification."""

from __future__ import annotations

from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.naming import names
from pulumi_flyte.notation.quantities import DEFAULT_PORT
from pulumi_flyte.problems import Problems
from pulumi_flyte.workload.app_spec import AuthPolicy


def auth_of(arguments: AppArguments, *, code: bool | None, self_enforced: bool) -> AuthPolicy:
    """Return who may call the app. `code` is what a Flyte `AppEnvironment` says, None where it says nothing.

    Only the argument closes an app by our own means: what Flyte code says is meant for Flyte's platform, which takes
    an unset value as True.
    """
    if arguments.requires_auth is not None:
        rotation = arguments.auth_rotation
        return AuthPolicy(required=arguments.requires_auth, rotation=rotation, self_enforced=self_enforced)
    required = False if code is False else None
    return AuthPolicy(required=required, self_enforced=self_enforced, asked_by_code=code is True)


def port_of(argument: int | None, source: int | None, problems: Problems) -> int:
    """Return the declared port: the argument's, the source's, or 8080."""
    if argument is None and source is not None:
        problems.add("port", names.port_problem(source), source)
    return next((each for each in (argument, source) if each is not None), DEFAULT_PORT)
