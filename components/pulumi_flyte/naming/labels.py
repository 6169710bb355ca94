"""DNS labels from texts. A digest distinguishes texts that would give equal labels. Pure."""

from __future__ import annotations

import hashlib
import re

DIGEST_LENGTH = 8


def dashed(text: str) -> str:
    """Return a text in lower case. A dash replaces each run of characters that are not valid in a label."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())


def digest(identity: str) -> str:
    """Return a short digest of an identity."""
    return hashlib.sha256(identity.encode()).hexdigest()[:DIGEST_LENGTH]


def with_digest(text: str, identity: str, longest: int) -> str:
    """Return a label of at most `longest` characters: the beginning of a text, and the digest of an identity."""
    stem = dashed(text).strip("-")[: longest - DIGEST_LENGTH - 1].rstrip("-")
    return f"{stem}-{digest(identity)}" if stem else digest(identity)


def label_of(text: str, identity: str, longest: int) -> str:
    """Return a text as a label of at most `longest` characters.

    A text that is not a label is changed and ends in a digest of `identity`, so that two identities never get the same
    label.
    """
    is_label = bool(text) and text == dashed(text).strip("-") and len(text) <= longest
    return text if is_label else with_digest(text, identity, longest)
