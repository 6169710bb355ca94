"""`Delivery`: what differs between the platforms whose resources are those of the Flyte API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_flyte.platforms.planned_image import ImagePlan
from pulumi_flyte.problems import Problem
from pulumi_flyte.workload.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The delivery of one workload.

    image: the image that the platform chose, and its build. enforces_auth: whether the platform's own front refuses
    callers without a credential. added_files: files that the bundle carries besides the workload's own. variables:
    those that the platform adds to the container's. manifest: the files and packages that come with the delivery,
    without the workload's own files.
    """

    image: ImagePlan
    enforces_auth: bool
    variables: Mapping[str, str]
    added_files: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    manifest: Manifest = field(default_factory=Manifest)
