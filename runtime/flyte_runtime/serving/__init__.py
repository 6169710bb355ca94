"""`rt.serve`: a server for ASGI applications, built on uvicorn, and its middleware."""
