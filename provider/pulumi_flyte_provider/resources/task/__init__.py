"""The resource `flyte:api:Task`."""
