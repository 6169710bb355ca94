"""The resource `flyte:api:Trigger`."""
