"""A container's spec: the parts that apps and tasks share, from their inputs to Flyte's messages and back. Pure."""
