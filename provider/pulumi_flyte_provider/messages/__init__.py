"""The plugin's messages: the engine's log, and the redaction that keeps secrets out of every text."""
