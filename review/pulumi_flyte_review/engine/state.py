"""A fingerprint of the stack's state, by which an update notices that the state has changed."""

from __future__ import annotations

import hashlib

from pulumi_flyte_review.engine.pulumi import Program, output_of


def fingerprint(program: Program) -> str:
    """Return a digest of the state. Secrets are encrypted in what is digested. Raises EngineError."""
    return hashlib.sha256(output_of(program, ["stack", "export"]).encode()).hexdigest()
