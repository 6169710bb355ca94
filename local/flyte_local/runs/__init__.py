"""Runs: how a task or a trigger becomes one, what takes its actions to their end, and what is kept of them."""
