"""Specifications as the resources of the Flyte API, which `local` and `flyte` share."""
