"""This distribution's version, as it was when the process started: an upgrade changes the files under a running one."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("flyte-local")
    except PackageNotFoundError:
        return "0"


VERSION = _installed()
