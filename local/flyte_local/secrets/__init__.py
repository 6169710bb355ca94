"""Secrets: encrypted in the store, delivered to workloads that declare them, masked in text that leaves the server."""
