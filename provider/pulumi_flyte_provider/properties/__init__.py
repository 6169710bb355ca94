"""Property values: their encoding, and the shapes, the normal form and the differences of inputs."""
