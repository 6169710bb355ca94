"""`Site`: where a workload is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.edge import Edges


class Site(NamedTuple):
    """The place of a workload's declaration: the component, its environment and its references.

    platform_variables: the variables that the platform sets in every container. The code is read with them, so they
    hold nothing real.
    """

    component_name: str
    settings: Settings
    edges: Edges
    platform_variables: Mapping[str, str]
