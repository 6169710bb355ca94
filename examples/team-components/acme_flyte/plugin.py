"""The command `pulumi-resource-acme`. The engine starts it for programs in TypeScript, YAML and other languages."""

from __future__ import annotations

from pulumi.provider.experimental import component_provider_host

from acme_flyte import ScoredService


def main() -> None:
    """Serve the components. Pulumi makes their schema from the annotations of the classes."""
    component_provider_host([ScoredService], name="acme", namespace="acme", version="0.1.0")


if __name__ == "__main__":
    main()
