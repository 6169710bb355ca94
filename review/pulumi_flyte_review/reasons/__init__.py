"""Why a workload changes: pure functions from a preview to reasons."""
