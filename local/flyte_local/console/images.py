"""The console's list of images: the environments that this server has built."""

from __future__ import annotations

from dataclasses import dataclass

from flyte_local.console.pagination import paginate
from flyte_local.console.rendering import View
from flyte_local.console.requests import PageRequest
from flyte_local.images.environments import Built
from flyte_local.secrets.redaction import mask_urls
from flyte_local.web.paths import EVERYTHING

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
    content = paginate(request.backend.images.all(), request.page_number, f"{EVERYTHING.path}/images", _row)
    return View("images", request.title("images"), content, request.scope, "images")


def _row(built: Built) -> ImageRow:
    steps = mask_urls("; ".join(step.removeprefix("pip install ") for step in built.steps))
    if len(steps) > _LONGEST_STEPS:
        steps = f"{steps[:_LONGEST_STEPS]} …"
    return ImageRow(", ".join(built.names[:5]) or built.key, built.python, steps, built.at)
