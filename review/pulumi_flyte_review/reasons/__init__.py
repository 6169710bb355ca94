"""The reasons of a workload's change: pure functions of a preview."""
