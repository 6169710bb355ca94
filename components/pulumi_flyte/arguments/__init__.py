"""What a component takes: one typed declaration for each, and a value for each mapping inside of it."""
