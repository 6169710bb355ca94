"""HTTP: a little ASGI, the addresses of pages, and signed files."""
