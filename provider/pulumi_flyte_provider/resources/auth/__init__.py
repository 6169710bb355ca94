"""Credentials between workloads: an app's signing key, and the credentials of its callers. They exist only in state."""
