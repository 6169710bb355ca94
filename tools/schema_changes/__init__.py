"""Finds the changes of a Pulumi package schema that break its users: `python -m tools.schema_changes OLD NEW`."""
