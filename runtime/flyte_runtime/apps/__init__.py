"""The apps that this container is wired to: handles, and the calls and WebSockets that go through them."""

from flyte_runtime.apps.handle import AppHandle as AppHandle
from flyte_runtime.apps.handle import app as app

__all__ = ["AppHandle", "app"]
