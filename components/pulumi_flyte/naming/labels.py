"""Labels of DNS from texts, and digests that keep apart two texts whose labels are equal. Pure."""

from __future__ import annotations

import hashlib
import re

DIGEST_LENGTH = 8


def dashed(text: str) -> str:
    """Return a text in lower case, with a dash for each run of characters that a label may not have."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())


def digest(identity: str) -> str:
    """Return a short digest of what a name stands for."""
    return hashlib.sha256(identity.encode()).hexdigest()[:DIGEST_LENGTH]
