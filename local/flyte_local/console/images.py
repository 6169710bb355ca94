"""The console's list of images: the environments that this server has built."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.console.pagination import list_view
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.images.environments import Built
from flyte_local.secrets.redaction import mask_urls

_LONGEST_STEPS = 400


@dataclass(frozen=True)
class ImageRow:
    """An environment in the list."""

    name: str
    python: str
    steps: str
    built_at: float


def image_list(request: PageRequest) -> View:
    """Return the list of environments, the latest first. They belong to no project."""
    return list_view(request, "images", request.parts.images.all(), _row)


def _row(built: Built) -> ImageRow:
    steps = mask_urls("; ".join(step.removeprefix("pip install ") for step in built.steps))
    if len(steps) > _LONGEST_STEPS:
        steps = f"{steps[:_LONGEST_STEPS]} …"
    return ImageRow(", ".join(built.names[:5]) or built.key, built.python, steps, built.at)
