"""`flyte:local:Server`."""
