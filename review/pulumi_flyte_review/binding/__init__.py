"""Tokens: they record what was reviewed, and show whether it has changed since."""
