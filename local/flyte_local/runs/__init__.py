"""Runs: how they are started from tasks and triggers, how their actions are run, and how long they are kept."""
