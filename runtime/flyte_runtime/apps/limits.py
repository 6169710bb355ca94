"""The limits of a connection pool, the same for aiohttp and httpx."""

__all__ = ["KEEPALIVE", "MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_HOST"]

# Seconds that an idle connection is kept. It is less than uvicorn's default of 5, so that the client closes first and
# no call uses a connection that the server is about to close.
KEEPALIVE = 4.0
MAX_CONNECTIONS = 1000
MAX_CONNECTIONS_PER_HOST = 100
