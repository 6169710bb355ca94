"""The frame around the console's pages, and the policy that they are sent with.

Nothing in a page is executed or drawn unless it comes from the two files that this server serves beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.console.files import CSS, ICON, JS
from flyte_local.web.html import Html, html, join, link, tag
from flyte_local.web.paths import EVERYTHING, Scope

_TITLE = join((tag("strong", "Flyte on this machine"), tag("span", " the local control plane of pulumi-flyte")))
KINDS = ("apps", "runs", "tasks", "triggers", "secrets", "images", "graph")
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
class Page:
    """What a page shows. `kind` is its place in the navigation; `notice` names what a button has just done."""

    title: str
    body: Html
    scope: Scope = EVERYTHING
    kind: str = ""
    status: int = 200
    notice: str = ""


def policy(port: int) -> list[tuple[bytes, bytes]]:
    """The headers of every page of a server on that port."""
    rules = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
        # The button that opens an app leads on to the app's own host.
        f"form-action 'self' http://*.localhost:{port}; frame-ancestors 'none'"
    )
    return [
        (b"content-security-policy", rules.encode()),
        # Not no-referrer: browsers then send forms with the Origin "null", which is nobody's.
        (b"referrer-policy", b"same-origin"),
        (b"x-frame-options", b"DENY"),
        (b"cache-control", b"no-store"),
    ]


def render(page: Page) -> bytes:
    """A whole page."""
    kinds = (link(f"{page.scope.path}/{kind}", kind.capitalize(), kind == page.kind) for kind in KINDS)
    where = [link("/v2", "All projects", not page.scope.project and not page.kind)]
    if page.scope.project:
        where.append(link(page.scope.path, page.scope.title, not page.kind))
    notice = _NOTICES.get(page.notice)
    head = join(
        (
            Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
            Html('<meta name="color-scheme" content="light dark">'),
            tag("title", f"{page.title} – Flyte, local"),
            Html(f'<link rel="stylesheet" href="{CSS.path}"><link rel="icon" href="{ICON.path}">'),
            Html(f'<script src="{JS.path}" defer></script>'),
        )
    )
    body = join(
        (
            Html('<a class="skip" href="#main">Skip to the content</a>'),
            tag(
                "header",
                join(
                    (
                        tag("p", _TITLE, class_="title"),
                        tag("nav", join(where), aria_label="Projects"),
                        tag("nav", join(kinds), aria_label="Kinds"),
                    )
                ),
            ),
            tag(
                "main",
                join(
                    (
                        tag("h1", page.title),
                        tag("p", notice, class_="notice", role="status") if notice else html(""),
                        page.body,
                    )
                ),
                id="main",
                tabindex="-1",
            ),
        )
    )
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'.encode("utf-8", "replace")
