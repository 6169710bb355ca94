"""uvicorn's HTTP protocols behind small reads, by name."""

from __future__ import annotations

import importlib

import pytest
from flyte_runtime.serving.small_reads import SmallReads


def small_reads(name: str) -> type[SmallReads]:
    """Skips the test where uvicorn's `name` is not installed."""
    pytest.importorskip(name)
    module = importlib.import_module(f"uvicorn.protocols.http.{name}_impl")
    parser = module.H11Protocol if name == "h11" else module.HttpToolsProtocol
    return type(f"SmallReads_{name}", (SmallReads,), {"parser": parser})
