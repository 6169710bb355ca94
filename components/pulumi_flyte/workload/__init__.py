"""Specifications of apps and tasks, made from a component's arguments and its source."""
