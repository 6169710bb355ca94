"""The console's list of images: the environments that this server has built."""

from __future__ import annotations

from collections.abc import Mapping

from flyte_local.console.pagination import cut, number, pages
from flyte_local.images.choice import Images
from flyte_local.images.environments import Built
from flyte_local.secrets.redaction import mask_urls
from flyte_local.web.html import Html, join, moment, section, table, tag
from flyte_local.web.paths import Scope

_MOST_OF_STEPS = 400


def image_list(images: Images, parameters: Mapping[str, str]) -> Html:
    """The environments, the latest first; they belong to no project."""
    page = number(parameters.get("page", ""))
    found = images.all()
    rows = [(_name(each), each.python, _steps(each), moment(each.at)) for each in cut(found, page)]
    empty = "None yet: an environment is built for each image that asks for packages or another Python."
    shown = table(("Image", "Python", "Installed", "Built"), rows, empty, "Images")
    body = join((shown, pages(f"{Scope().path}/images", {}, page, len(found))))
    return section("Images", body, tag("span", "Of all projects.", class_="quiet"))


def _name(built: Built) -> str:
    return ", ".join(built.names[:5]) or built.key


def _steps(built: Built) -> str:
    text = mask_urls("; ".join(step.removeprefix("pip install ") for step in built.steps))
    return text if len(text) <= _MOST_OF_STEPS else f"{text[:_MOST_OF_STEPS]} …"
