"""The user's code: found, read by a process of its own, bundled, and staged for the plugin."""
