"""Bundles and interpreters on this machine, where the plugin finds them."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from flyte_runtime import contract

from pulumi_flyte.settings import Settings
from pulumi_flyte.source import staging
from pulumi_flyte.source.bundle import Bundle
from pulumi_flyte.workload.code import python_of


def stage(
    identity: contract.Identity, settings: Settings, bundle: Bundle | None, added_files: Mapping[str, bytes]
) -> str | None:
    """Put a workload's code where the plugin finds it. Return the digest of the whole bundle."""
    interpreter = python_of(settings) or sys.executable
    staging.put_interpreter(identity.kind, identity.project, identity.domain, identity.name, interpreter)
    if bundle is None:
        return None
    whole = Bundle({**added_files, **bundle.files})
    digest = whole.digest
    staging.put_bundle(digest, whole.archive)
    return digest
