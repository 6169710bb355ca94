"""The arguments of components: one typed declaration for each component, and one for each mapping in it."""
