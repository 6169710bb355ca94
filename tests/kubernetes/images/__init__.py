"""Images that the real BuildKit builds and a real registry takes."""
