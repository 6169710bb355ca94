"""Tasks: deployed versions and triggers, and the container and process of a running task."""
