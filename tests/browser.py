"""Headless Chromium for tests of pages. A module asks for the `browser` fixture and opens what it needs:

    from tests.browser import browser  # noqa: F401

    def test_it(browser: Browser) -> None:
        with browser.page() as page:
            page.goto(url)

The browser belongs to a module: Playwright's synchronous interface keeps an event loop running in its thread, in which
no other module's asynchronous tests could run. A module that uses it therefore has synchronous tests only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import playwright.sync_api as playwright
import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Without a sandbox, since tests may run as root in a container; without everything that would talk to the network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000
SCREENSHOTS_VARIABLE = "SCREENSHOTS"


@dataclass
class Browser:
    """One Chromium. Each page has a context of its own, so pages share nothing, not even cookies."""

    chromium: playwright.Browser
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def page(
        self,
        *,
        scheme: Literal["light", "dark"] = "light",
        javascript: bool = True,
        width: int = 1200,
        height: int = 800,
        **options: Any,
    ) -> Iterator[playwright.Page]:
        """Open a page. Afterwards, `complaints` has the errors of its console, such as refused scripts."""
        self.complaints.clear()
        context = self.chromium.new_context(
            color_scheme=scheme,
            java_script_enabled=javascript,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        try:
            yield page
        finally:
            context.close()


def executable() -> str | None:
    """Return the path of this machine's browser, or None."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser. The test is skipped on a machine without one."""
    program = executable()
    if program is None:
        pytest.skip("no Chromium on PATH: `make test` installs Debian's where it may, otherwise install one")
    playwright.expect.set_options(timeout=PATIENCE_MS)
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=program, args=list(ARGUMENTS), timeout=PATIENCE_MS)
        yield Browser(chromium)
        chromium.close()


def screenshot(page: playwright.Page, name: str, **options: Any) -> None:
    """Save a picture in the folder that the variable SCREENSHOTS names, if it is set (`make screenshots` does)."""
    folder = os.environ.get(SCREENSHOTS_VARIABLE)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled", **options)
