"""`Owner`: the component whose children are declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pulumi


class Owner(NamedTuple):
    """A component that declares children, with its Pulumi name and its caller's options.

    provider: the explicit provider of the component's environment, if it has one.
    """

    component: pulumi.ComponentResource
    name: str
    options: pulumi.ResourceOptions | None = None
    provider: pulumi.ProviderResource | None = None

    def child_options(self, waits_for: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        """Return the options of a child. It waits for `waits_for` and for what the component waits for, and it has the
        component's time limits. The caller's own provider wins over the environment's."""
        options = self.options
        chosen = options is not None and (options.provider is not None or options.providers)
        return pulumi.ResourceOptions(
            parent=self.component,
            provider=None if chosen else self.provider,
            depends_on=[*waits_for, *_dependencies(options)],
            custom_timeouts=options.custom_timeouts if options else None,
        )


def _dependencies(options: pulumi.ResourceOptions | None) -> list[pulumi.Resource]:
    listed = options.depends_on if options else None
    if listed is None:
        return []
    # The SDK takes Outputs here as well, which its type of a list does not say.
    return list(listed) if isinstance(listed, (list, tuple)) else [listed]  # type: ignore[list-item]
