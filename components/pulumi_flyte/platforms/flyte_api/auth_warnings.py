"""Warnings about apps with requires_auth=True that every caller can reach."""

from __future__ import annotations

from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec

_PASS_THE_ARGUMENT = (
    "To admit only the apps and tasks that are wired to it, pass requires_auth=True to its App, or to discover in"
    " overrides. The callers then have the app in their inputs and call it with flyte_runtime.app(alias)"
)
_OTHER_WAYS = (
    'Pass source="file.py:attribute" of an ASGI application, put the app behind one that calls it,'
    " or set flyte:platformAuth to true if the platform checks credentials itself (as Union does)"
)


def of(spec: AppSpec, settings: Settings, *, enforced: bool) -> list[str]:
    """Return the warnings. `enforced`: whether the platform refuses callers without a credential."""
    warnings = []
    if spec.requires_credentials and not enforced and not spec.auth.self_enforced:
        warnings.append(
            "requires_auth=True: this app is open to every caller, because neither the platform nor flyte_runtime"
            f" checks credentials for it. {_OTHER_WAYS}"
        )
    if spec.auth.asked_by_code and not settings.platform_auth:
        warnings.append(
            "its code has requires_auth=True, which only the platform can enforce (as with `flyte deploy`), and this"
            f" platform does not: the app is open to every caller. {_PASS_THE_ARGUMENT if enforced else _OTHER_WAYS}"
        )
    return warnings
