"""`flyte:api:Project`."""
