"""What apps and tasks are made from: a component's arguments and its source, turned into a resource's properties."""
