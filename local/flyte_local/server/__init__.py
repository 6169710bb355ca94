"""The server itself: one process on one port, whose connections are whose, and where each request goes."""
