"""What the plugin says: to the engine's log, and without any secret."""
