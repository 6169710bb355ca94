"""Container images as values: a recipe, the build context that it becomes, and the tag of the context."""
