"""Tokens: what was reviewed, and whether it has moved."""
