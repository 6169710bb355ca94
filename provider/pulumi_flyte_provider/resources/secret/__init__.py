"""The resource `flyte:api:Secret`."""
