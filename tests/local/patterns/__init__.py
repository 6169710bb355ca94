"""Published patterns of apps and tasks, in programs of our own, by the unmodified CLI against a real server."""
