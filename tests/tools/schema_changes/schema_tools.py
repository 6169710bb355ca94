"""The rules of Pulumi's `schema-tools compare` for types and resources, written down from its README and source
(github.com/pulumi/schema-tools, internal/compare). It is not on the Go proxy, so a test cannot run it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def flagged(old: Json, new: Json) -> set[str]:
    """Return the tokens of which it calls a change breaking."""
    tokens = set()
    for token, resource in old["resources"].items():
        other = new["resources"].get(token)
        if other is None or _is_broken_resource(resource, other):
            tokens.add(token)
    for token, kind in old["types"].items():
        other = new["types"].get(token)
        if other is None or _is_broken(kind, other, "properties") or _has_more(kind, other, "required"):
            tokens.add(token)
    return tokens


def _is_broken_resource(old: Json, new: Json) -> bool:
    return (
        _is_broken(old, new, "inputProperties")
        or _is_broken(old, new, "properties")
        or _has_more(old, new, "requiredInputs")
    )


def _is_broken(old: Json, new: Json, section: str) -> bool:
    others = new.get(section, {})
    return any(name not in others or _is_other(prop, others[name]) for name, prop in old.get(section, {}).items())


def _has_more(old: Json, new: Json, section: str) -> bool:
    return bool(set(new.get(section, [])) - set(old.get(section, [])))


def _is_other(old: Json | None, new: Json | None) -> bool:
    if old is None or new is None:
        return old is not new
    if old.get("$ref", old.get("type", "")) != new.get("$ref", new.get("type", "")):
        return True
    return any(_is_other(old.get(key), new.get(key)) for key in ("items", "additionalProperties"))
