"""Tasks: the versions and triggers that were deployed, and what running one takes: its container and its process."""
