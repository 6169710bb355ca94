"""Flyte's API: one module for each service, and how requests are decoded and errors are encoded."""
