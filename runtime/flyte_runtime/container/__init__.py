"""The container's wiring and secrets, and the handles that its code declares for them."""
