"""Requests and WebSockets on an app whose pods come and go: `python -m tests.kubernetes.load`."""
