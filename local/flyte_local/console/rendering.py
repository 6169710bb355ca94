"""Renders the console's pages from templates. Every text is escaped."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from flyte_local.console.app_phase import app_phase
from flyte_local.console.timeline import duration, took
from flyte_local.console.values import type_text
from flyte_local.runs.phases import is_terminal, phase_name
from flyte_local.web.paths import EVERYTHING, Scope, address, with_query
from flyte_local.wire.times import seconds

KINDS = ("apps", "runs", "tasks", "triggers", "secrets", "images", "graph")
STATIC_FOLDER = Path(__file__).parent / "static"
STATIC_PATH = "/console"
_NOTICES = {
    "restarted": "Restarting: a new revision takes over as soon as it is healthy.",
    "started": "Starting.",
    "stopped": "Stopped. Its declaration stays, so it can be started again.",
    "aborted": "Aborted, with everything that it had started.",
    "ended": "Nothing to abort: it had ended already.",
    "activated": "Activated.",
    "deactivated": "Deactivated: it starts no runs until it is activated again.",
}


@dataclass(frozen=True)
class View:
    """A page: its template, the value that the template shows as `content`, and its place in the navigation.

    A template reads messages and apps as they are. A page computes only the rest: what needs the vault, or the store.
    """

    template: str
    title: str
    content: object
    scope: Scope = EVERYTHING
    kind: str = ""
    status: int = 200


class Renderer:
    """The templates. `form_token` makes the token of a button from its address. `port` is the server's."""

    def __init__(self, form_token: Callable[[str], str], port: int) -> None:
        self._environment = Environment(
            loader=PackageLoader("flyte_local.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "address": address,
            "local_time": _local_time,
            "machine_time": _machine_time,
            "age": _age,
            "app_phase": app_phase,
            "is_terminal": is_terminal,
            "phase_name": phase_name,
            "seconds": seconds,
            "took": took,
            "type_text": type_text,
        }
        self._environment.globals |= {
            "form_token": form_token,
            "kinds": KINDS,
            "port": port,
            "Scope": Scope,
            "static": _static,
            "with_query": with_query,
        }

    def render(self, view: View, notice: str = "") -> bytes:
        """Return a page. `notice` names the result of a button."""
        page = self._environment.get_template(f"{view.template}.html").render(
            title=view.title,
            content=view.content,
            scope=view.scope,
            kind=view.kind,
            notice=_NOTICES.get(notice, ""),
        )
        return page.encode("utf-8", "replace")


def policy(port: int) -> dict[str, str]:
    """Return the headers of every page of a server on that port.

    Nothing in a page is executed or drawn unless it comes from the files that this server serves beside the pages.
    """
    rules = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        # The button that opens an app leads to the app's own host.
        f"form-action 'self' http://*.localhost:{port}; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": rules,
        # Not no-referrer: browsers would send forms with the Origin "null".
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
    }


def _static(name: str) -> str:
    """Return the address of a file. It changes with the content, so that browsers may keep the file for ever."""
    digest = hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()
    return f"{STATIC_PATH}/{name}?{digest[:12]}"


def _local_time(at: float) -> str:
    """Return unix seconds in this machine's time with its zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(at))


def _age(at: float) -> str:
    """Return the time since a moment, as text for people."""
    return duration(max(0.0, time.time() - at))


def _machine_time(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(at))
