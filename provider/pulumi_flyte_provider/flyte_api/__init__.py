"""The Flyte API: where it is, how the plugin connects to it, and what is uploaded to it."""
