"""What a declaration may say, as people write it and as Flyte takes it: names, quantities, triggers, versions. Pure."""
