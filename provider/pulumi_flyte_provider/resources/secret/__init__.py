"""`flyte:api:Secret`."""
