"""The stand-in engine of `--offline`: two checkouts are run without an engine, a state or credentials, and compared."""
