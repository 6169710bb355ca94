"""Servers with port 8080 written into their code, as published examples have it. argv[1]: which one.

Each answers `/` with who it is; what it binds is what it would bind in a container.
"""

import http.server
import json
import os
import sys


def facts() -> bytes:
    """Return the name and the pid of the process that answers."""
    return json.dumps({"name": os.environ.get("NAME"), "pid": os.getpid()}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(facts())

    def log_message(self, format: str, *args: object) -> None:
        pass


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": facts()})


if sys.argv[1] == "plain":
    http.server.HTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
else:
    import uvicorn

    uvicorn.run(app, host="0.0.0.0", port=8080, loop=sys.argv[1], log_level="warning")
