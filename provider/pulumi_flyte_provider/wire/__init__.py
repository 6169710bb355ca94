"""Inputs to the Flyte API's messages and back: pure functions that apps and tasks share."""
