"""Outputs of stacks, who uses them, and whom a change of them breaks. Pure."""
