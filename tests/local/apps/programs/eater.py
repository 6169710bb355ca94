"""A server that fills memory. argv[1]: its port. EAT: MiB that it fills at the start. GET /eat/N: fills N MiB more.

If there is a variable GATE, the server listens once the file of that name exists.
"""

import http.server
import os
import sys
import time

eaten: list[bytes] = []


def eat(size: int) -> None:
    for _ in range(size // 10):
        eaten.append(b"x" * (10 << 20))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/eat/"):
            eat(int(self.path.rpartition("/")[2]))
        body = f'{{"pid": {os.getpid()}}}'.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


print("begun", flush=True)
eat(int(os.environ.get("EAT", "0")))
while "GATE" in os.environ and not os.path.exists(os.environ["GATE"]):
    time.sleep(0.02)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
