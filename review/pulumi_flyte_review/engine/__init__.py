"""What the engine says of an update: real previews, the stand-in engine, and checkouts of Git references."""
