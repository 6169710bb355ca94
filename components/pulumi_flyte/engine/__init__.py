"""Declarations on their way through Pulumi's engine: checked keywords, Outputs, the base of custom resources."""
