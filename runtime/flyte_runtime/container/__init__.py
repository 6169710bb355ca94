"""The things that a container was given: its wiring, its secrets, and the handles that its code declares of them."""
