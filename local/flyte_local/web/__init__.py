"""HTTP: a little ASGI, HTML, the addresses of pages, and signed files."""
