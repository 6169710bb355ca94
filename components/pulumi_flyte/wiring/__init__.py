"""The references of a workload: their order, their credentials, and the variables of its container."""
