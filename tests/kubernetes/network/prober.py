"""A process for a pod: it listens on ports, and tries to reach what it is asked to. It needs the standard library only.

    python3 prober.py 8080 9000

GET of any path answers 200. POST of `[["10.0.0.1", 8080], ["name", 80]]` answers with a list of true and false, and
POST of `["name"]` with what the names resolve to, or null.
"""

import concurrent.futures
import http.server
import json
import socket
import sys
import threading

SECONDS = 1.5
ATTEMPTS = 2


def reaches(host: str, port: int) -> bool:
    for _ in range(ATTEMPTS):
        try:
            socket.create_connection((host, port), timeout=SECONDS).close()
        except OSError:
            continue
        return True
    return False


def resolve(name: str) -> "str | None":
    try:
        return socket.gethostbyname(name)
    except OSError:
        return None


def look(target: object) -> object:
    return resolve(target) if isinstance(target, str) else reaches(*target)  # type: ignore[misc]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(b"ok")

    def do_POST(self) -> None:
        targets = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            self.answer(json.dumps(list(pool.map(look, targets))).encode())

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


if __name__ == "__main__":
    servers = [Server(("", int(port)), Handler) for port in sys.argv[1:]]
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()
