"""A preview as a report."""
