"""Previews of an update: by the real engine, or by the stand-in engine from checkouts of Git references."""
