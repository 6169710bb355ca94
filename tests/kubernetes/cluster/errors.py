"""The error of the test cluster."""

from __future__ import annotations


class ClusterError(Exception):
    """A cluster that cannot start, run or stop. The text says what failed and what to do."""
