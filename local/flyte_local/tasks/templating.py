"""`{{.name}}` in a container's command: the templates that Flyte's backend fills in before a container starts.

Names: flyteplugins/go/tasks/pluginmachinery/core/template/template.go. What is not known stays as it is written,
as there: a program may mean it literally.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_TEMPLATE = re.compile(r"\{\{\s*\.([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)\s*\}\}")


def render(arguments: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Every argument with its known templates replaced, once: a value's own braces are never read as a template."""
    return [_TEMPLATE.sub(lambda found: values.get(found[1], found[0]), argument) for argument in arguments]
