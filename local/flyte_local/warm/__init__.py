"""Warm workers: processes that have imported the modules that tasks need, and fork for each task. Linux only."""
