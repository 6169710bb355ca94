"""The phase of an app as the console shows it."""

from __future__ import annotations

from flyte_local.apps.app import ManagedApp


def app_phase(app: ManagedApp) -> str:
    """Return the app's phase, or `asleep` for an active app without a replica, which the API calls active too."""
    return "asleep" if app.asleep else app.status().phase
