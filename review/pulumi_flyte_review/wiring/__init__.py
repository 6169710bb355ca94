"""The declared wiring of a stack: its graph, and who can reach whom."""
