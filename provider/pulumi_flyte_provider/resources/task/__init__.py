"""`flyte:api:Task`."""
