"""`{{.name}}` in a container's command: templates that Flyte's backend fills in before a container starts.

Names: flyteplugins/go/tasks/pluginmachinery/core/template/template.go. An unknown template stays as it is, as there: a
program may mean it literally.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_TEMPLATE = re.compile(r"\{\{\s*\.([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)\s*\}\}")


def render(arguments: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Return every argument with its known templates replaced, once: braces in a value are not templates."""
    return [_TEMPLATE.sub(lambda match: values.get(match[1], match[0]), argument) for argument in arguments]
