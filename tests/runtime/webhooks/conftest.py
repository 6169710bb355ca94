from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def quiet_audit() -> Iterator[None]:
    """Audit lines are made and not printed."""
    logger = logging.getLogger("flyte_runtime.audit")
    handler = logging.NullHandler()
    logger.addHandler(handler)
    logger.propagate = False
    yield
    logger.propagate = True
    logger.removeHandler(handler)
