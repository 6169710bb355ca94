"""The memory of workloads: their limits, the usage of their processes, and the watch that enforces the limits."""
