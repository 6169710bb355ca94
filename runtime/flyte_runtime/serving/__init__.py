"""`rt.serve`: a server for an ASGI application, and what it puts around the application and below it."""
