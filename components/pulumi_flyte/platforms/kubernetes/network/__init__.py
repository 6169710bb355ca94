"""Network policies: who can reach whom in the cluster. They follow from the wiring and from the cluster's settings."""
