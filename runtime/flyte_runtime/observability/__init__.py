"""The records of a process: trace context, access and audit lines, and the switch for the SDK's own reports."""
