"""The process of an app with a code bundle receives the elements of its command unchanged."""

from __future__ import annotations

import json

import httpx

from tests.e2e.harness import Stack

ARGUMENTS = ["a b", "R & D", "it's", '"q"', "*.py", "a;b", "", "$HOME", "$(HOME)", "--", "-p", "a\nb", "\\", "'8081'"]
FILES = {
    "__main__.py": f"""\
from pulumi_flyte import App, Environment

shop = Environment("shop")
App("arguments", environment=shop, image="python:3.11", command=["python", "my server.py", *{ARGUMENTS!r}],
    include=["my server.py"])
App("spaced", environment=shop, source="web app.py:app")
""",
    "my server.py": """\
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(sys.argv[1:]).encode())

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
""",
    "web app.py": """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"served"})
""",
}


def test_elements_of_a_command_stay_arguments_and_files_may_have_blanks(stack: Stack) -> None:
    stack.write(FILES)
    stack.init()
    stack.deployed()
    base = f"http://127.0.0.1:{stack.port}/apps/shop/development"
    assert json.loads(httpx.get(f"{base}/arguments/", timeout=60).text) == ARGUMENTS
    assert httpx.get(f"{base}/spaced/", timeout=60).text == "served"
    assert stack.destroy().code == 0
    assert not stack.remaining()
