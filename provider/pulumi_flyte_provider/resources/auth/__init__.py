"""Credentials between workloads: an app's signing key, and the credential of each of its callers. In state only."""
