"""How declarations cross Pulumi's engine: checked keywords, Outputs, and the base of custom resources."""
