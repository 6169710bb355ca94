"""`flyte:api:Trigger`."""
