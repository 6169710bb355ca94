"""How many connections a pool keeps, and for how long, whichever client is behind it."""

__all__ = ["KEEPALIVE", "MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_HOST"]

# Seconds that an idle connection is kept. Below uvicorn's default of 5, so that the client always lets go first and
# no call goes out on a connection that the server is just closing.
KEEPALIVE = 4.0
MAX_CONNECTIONS = 1000
MAX_CONNECTIONS_PER_HOST = 100
