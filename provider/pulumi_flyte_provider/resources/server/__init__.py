"""The resource `flyte:local:Server`."""
