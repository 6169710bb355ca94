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


def with_digest(text: str, identity: str, longest: int) -> str:
    """Return a label of at most `longest` characters that begins like a text, and ends in a digest of what it stands
    for."""
    stem = dashed(text).strip("-")[: longest - DIGEST_LENGTH - 1].rstrip("-")
    return f"{stem}-{digest(identity)}" if stem else digest(identity)


def label_of(text: str, identity: str, longest: int) -> str:
    """Return a text as a label of at most `longest` characters.

    A text that has to be changed ends in a digest of `identity`, so that two identities that look alike afterwards stay
    apart.
    """
    is_label = bool(text) and text == dashed(text).strip("-") and len(text) <= longest
    return text if is_label else with_digest(text, identity, longest)
