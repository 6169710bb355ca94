"""Property values: the engine's encoding, the shapes of inputs, their normal form and their differences."""
