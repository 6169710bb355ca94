"""The parts of a container's spec that apps and tasks share: conversions to Flyte's messages and back. Pure."""
