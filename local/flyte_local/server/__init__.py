"""The server: one process on one port, the connections to it, and the routes of requests."""
