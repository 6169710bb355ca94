"""Apps: what is declared, and the revisions and replicas that are kept running for it."""
