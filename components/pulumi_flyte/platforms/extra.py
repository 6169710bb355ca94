"""The extra `kubernetes` of this distribution: the packages of Pulumi that build images and talk to a cluster."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

_MODULES = {"pulumi_kubernetes": "pulumi-kubernetes", "pulumi_docker_build": "pulumi-docker-build"}


@cache
def missing_extra() -> str | None:
    """Return why nothing can be built or made in a cluster with what is installed here, or None if it can."""
    missing = [package for module, package in _MODULES.items() if find_spec(module) is None]
    if not missing:
        return None
    packages = " and ".join(missing)
    return f"this Python lacks {packages}, which that needs: pip install 'pulumi-flyte[kubernetes]'"
