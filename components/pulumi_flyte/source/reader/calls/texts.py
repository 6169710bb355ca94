"""Texts and URLs that the source says a part of. What it does not say is a HOLE."""

from __future__ import annotations

from collections.abc import Iterable

from .values import HOLE, Constant, Text, Url, Value

Values = tuple[Value, ...]


def joined(parts: list[Values]) -> Iterable[Value]:
    """Join the values of the parts of a text. A part with several possible values becomes a HOLE, except for a URL."""
    urls = [value for value in parts[0] if isinstance(value, Url)] if parts else []
    tail = "".join(spelled(values) for values in parts[1:])
    if urls:
        return [Url(url.app, url.variable, f"{url.suffix}{tail}") for url in urls]
    if not parts:
        return [Text("")]
    return [Text(f"{spelled(parts[0])}{tail}")]


def spelled(values: Values) -> str:
    """Return the text of the only value that there is, or a HOLE."""
    [only] = values if len(values) == 1 else [None]
    if isinstance(only, Text):
        return only.text
    if isinstance(only, Constant) and only.value is not None:
        return str(only.value)
    return HOLE


def with_holes(template: str) -> str:
    """Replace the parts of a template of `%` or `format` by holes."""
    spelled, position = "", 0
    while position < len(template):
        if template[position] == "{" and "}" in template[position:]:
            position = template.index("}", position) + 1
            spelled += HOLE
        elif template[position] == "%" and position + 1 < len(template):
            spelled += "%" if template[position + 1] == "%" else HOLE
            position += 2
        else:
            spelled += template[position]
            position += 1
    return spelled
