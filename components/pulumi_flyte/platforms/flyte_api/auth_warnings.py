"""Warnings about apps that are meant to be closed and stay open."""

from __future__ import annotations

from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec

_PASS_THE_ARGUMENT = (
    "To let in only the apps and tasks that are wired to it, pass requires_auth=True to its App, or to discover in"
    " overrides; these then have it in their inputs and call it through flyte_runtime.app(alias)"
)
_OTHER_WAYS = (
    'Give source="file.py:attribute" of an ASGI application, put it behind one that calls it,'
    " or set flyte:platformAuth to true where the platform's front does (Union)"
)


def of(spec: AppSpec, settings: Settings, *, enforced: bool) -> list[str]:
    """Return the warnings. `enforced`: whether the platform's front refuses callers without a credential."""
    warnings = []
    if spec.requires_credentials and not enforced and not spec.auth.self_enforced:
        warnings.append(
            "requires_auth=True: nothing turns strangers away here, as neither the platform does nor flyte_runtime"
            f" serves this app. {_OTHER_WAYS}"
        )
    if spec.auth.asked_by_code and not settings.platform_auth:
        warnings.append(
            "its code says requires_auth=True, which is left to the platform, as `flyte deploy` leaves it: nothing"
            f" turns strangers away here. {_PASS_THE_ARGUMENT if enforced else _OTHER_WAYS}"
        )
    return warnings
