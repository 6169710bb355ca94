"""Flyte's API: a module for each of its services, and how their calls are read and their failures answered."""
