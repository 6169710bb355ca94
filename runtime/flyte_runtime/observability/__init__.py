"""Trace context, access and audit log lines, and the switch for the error reports of Flyte's SDK."""
