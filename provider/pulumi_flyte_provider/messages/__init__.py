"""The plugin's messages: the engine's log, and the redaction of secrets in all texts."""
