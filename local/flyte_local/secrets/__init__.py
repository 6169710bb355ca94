"""Secrets: encrypted where they are kept, given to who declared them, masked in whatever text leaves the server."""
