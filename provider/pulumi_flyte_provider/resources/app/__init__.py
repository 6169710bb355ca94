"""The resource `flyte:api:App`."""

from pulumi_flyte_provider.resources.app.lifecycle import AppResource

__all__ = ["AppResource"]
