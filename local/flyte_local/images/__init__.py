"""Images: their definitions, the virtual environments that are built from them, and the Python of a workload."""
