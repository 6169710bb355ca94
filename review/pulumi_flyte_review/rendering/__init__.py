"""A report as Markdown, text and JSON."""
