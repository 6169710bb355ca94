"""`ImagePlan`: the image that a container runs, and the build that makes it if it does not exist yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pulumi

from pulumi_flyte.workload.manifest import Manifest

# A program whose images exist already does not pay for what builds one.
if TYPE_CHECKING:
    from pulumi_flyte.engine.outputs import Text
    from pulumi_flyte.engine.owner import Owner
    from pulumi_flyte.platforms.image_build import ImageBuild
    from pulumi_flyte.problems import Problem


class ImagePlan(NamedTuple):
    """The plan of a container's image.

    reference: what the container refers to. It is a plain string wherever the image is built here. build: None if
    the image exists already. manifest: the files and packages that it is made of, without the workload's code.
    """

    reference: Text
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    build: ImageBuild | None = None
    manifest: Manifest = Manifest()

    def declare(self, owner: Owner) -> pulumi.Resource | None:
        """Declare the build below the workload, and return what the container waits for."""
        if self.build is None:
            return None
        # It does not wait for what the workload waits for, and has no time limit of the workload's.
        return self.build.declare(
            f"{owner.name}-image", pulumi.ResourceOptions(parent=owner.component, providers=owner.providers)
        )
