"""Clients for the apps that this container is wired to: handles, calls and WebSockets."""

from flyte_runtime.apps.handle import AppHandle as AppHandle
from flyte_runtime.apps.handle import app as app

__all__ = ["AppHandle", "app"]
