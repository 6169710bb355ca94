"""The placeholders `{{bundle}}` and `{{version}}` in commands, arguments and environment values.

A deployment fills them in, and Read restores them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

BUNDLE = "{{bundle}}"
VERSION = "{{version}}"


@dataclass(frozen=True)
class Placeholders:
    """The values of an object's placeholders. None: the object does not have this placeholder."""

    bundle_url: str | None = None
    version: str | None = None

    def fill(self, text: str) -> str:
        """Return the text with the values of the placeholders, for the platform."""
        if self.bundle_url is not None:
            text = text.replace(BUNDLE, self.bundle_url)
        return text if self.version is None else text.replace(VERSION, self.version)


def restore(live: Any, before: Any, *, bundle: str | None, version: str | None) -> Any:
    """Return live values of the platform with the placeholders restored.

    If the earlier input `before` gives the live text, it is returned. Otherwise the URL of a bundle is recognised by
    its hash, and a version only if it is the whole text, because a short version may occur in any text.
    """
    if isinstance(live, dict):
        old = before if isinstance(before, dict) else {}
        return {k: restore(v, old.get(k), bundle=bundle, version=version) for k, v in live.items()}
    if isinstance(live, list):
        old_items = before if isinstance(before, list) else []
        padded = old_items + [None] * (len(live) - len(old_items))
        return [restore(new, item, bundle=bundle, version=version) for new, item in zip(live, padded, strict=False)]
    if not isinstance(live, str):
        return live
    text = _restore_bundle(live, bundle)
    if isinstance(before, str) and version is not None and before.replace(VERSION, version) == text:
        return before
    return VERSION if version is not None and text == version else text


def _restore_bundle(text: str, bundle: str | None) -> str:
    if bundle is None or bundle not in text:
        return text
    return re.sub(rf"(?:[a-zA-Z][a-zA-Z0-9+.-]*://|/)[^\s\"']*{re.escape(bundle)}\.tgz", lambda _: BUNDLE, text)


def used(value: Any, placeholder: str) -> bool:
    """Check whether a placeholder occurs anywhere in the value."""
    if isinstance(value, str):
        return placeholder in value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(used(item, placeholder) for item in items)
