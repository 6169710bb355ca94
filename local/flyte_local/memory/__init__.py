"""How a workload is held to its memory: its limit, what its processes use, and the watch that ends what exceeds it."""
