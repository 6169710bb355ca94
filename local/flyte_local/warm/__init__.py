"""Warm workers: processes that have imported what tasks need, and fork for each of them. Linux only."""
