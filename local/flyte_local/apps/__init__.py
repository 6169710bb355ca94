"""Apps: their declarations, and the revisions and replicas that keep running for them."""
