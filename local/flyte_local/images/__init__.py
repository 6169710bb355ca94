"""Images: described as text, built as virtual environments, and which Python a workload of one runs with."""
