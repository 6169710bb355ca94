"""The resource `flyte:api:Project`."""
