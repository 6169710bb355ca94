"""`Container`: what apps and tasks have in common: an image, a process in it, and what the process gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pulumi

from pulumi_flyte.arguments.image import Image, RequestedImage
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.source.bundle import Bundle
from pulumi_flyte.source.description import Description, SourceImage, StockImage
from pulumi_flyte.wiring.edge import SecretEdge
from pulumi_flyte.workload.resources import ContainerResources


class ImageChoice(NamedTuple):
    """The candidates that a platform chooses a container's image from.

    requested: the argument's image, or the environment's for a source without an image of its own.
    source: the image that Flyte code declares. stock: the image that Flyte publishes.
    """

    requested: RequestedImage | None = None
    source: SourceImage | None = None
    stock: StockImage = StockImage()

    @property
    def existing(self) -> Text:
        """The URI of the image that is chosen, if it exists already, and "" otherwise."""
        if self.requested is not None and not isinstance(self.requested, Image):
            return self.requested
        if self.requested is None and self.source is not None and not self.source.layers:
            return self.source.uri
        return ""

    @classmethod
    def of(
        cls, argument: RequestedImage | None, description: Description, default: RequestedImage | None
    ) -> ImageChoice:
        """Return what there is to choose from. `default` is the environment's image."""
        requested = default if argument is None and description.image is None else argument
        return cls(requested, description.image, description.stock_image)


class SecretRequest(NamedTuple):
    """A secret of the platform's store that a container gets: in a variable, or as a file below a folder (`mount`)."""

    key: pulumi.Input[str]
    variable: str | None = None
    group: str | None = None
    mount: str | None = None


class Container(NamedTuple):
    """A container: its command, and all that the command needs.

    env: the environment's and the workload's own variables, without those that wiring and platform add.
    secrets: the secrets that the workload asks for, without the credentials of its edges.
    bundle: the files that it needs besides its image.
    fetches_bundle: whether the command itself brings the bundle into the container, as Flyte's own entrypoints do.
    """

    image: ImageChoice
    command: tuple[Text, ...] = ()
    args: tuple[Text, ...] = ()
    env: Mapping[str, Text] = {}
    secrets: tuple[SecretRequest, ...] = ()
    resources: ContainerResources | None = None
    bundle: Bundle | None = None
    fetches_bundle: bool = False

    @property
    def runs_anything(self) -> bool:
        """True if an image or a command is declared."""
        return bool(self.command or self.args or self.image.source) or self.image.requested is not None


def secret_requests(edges: Iterable[SecretEdge], source: Iterable[SecretRequest] = ()) -> tuple[SecretRequest, ...]:
    """Return the requests of a workload: those of the arguments (`edges`) and those of the source's code (`source`).

    If an argument gives a variable another key than the source, the argument wins."""
    keys = {edge.variable: edge.link.name for edge in edges}
    unchanged = [each for each in source if keys.get(each.variable or "", each.key) == each.key]
    variables = {each.variable for each in unchanged}
    return (*unchanged, *(SecretRequest(key, name) for name, key in sorted(keys.items()) if name not in variables))
