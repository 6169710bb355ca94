"""The user's code: located, read by a process of its own, described, bundled, and staged for the plugin."""
