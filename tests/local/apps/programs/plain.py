"""A server from the standard library. argv[1]: its port (the default is 8080; PORT is ignored).

VERSION is echoed, BEHAVIOUR changes it: exit, deaf (never listens), sick (its health path is 503), leaver (its child
leaves the process group), chatty (writes a line at each request), stubborn (ignores SIGTERM), late (listens after 4 s),
gated (listens once the file $GATE exists). GET /slow takes 2 s; with a variable ARRIVED, it makes that file first.
"""

import http.server
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

behaviour = os.environ.get("BEHAVIOUR", "")
port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/crash":
            os._exit(9)
        if self.path == "/slow":
            if "ARRIVED" in os.environ:
                Path(os.environ["ARRIVED"]).touch()
            time.sleep(2)
        sick = behaviour == "sick" and self.path == "/healthz"
        body = json.dumps(
            {
                "version": os.environ.get("VERSION"),
                "pid": os.getpid(),
                "env": dict(os.environ),
                "path": self.path,
                "cwd": os.getcwd(),
                "argv": sys.argv,
            }
        ).encode()
        self.send_response(503 if sick else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        if behaviour == "chatty":
            print(format % args, flush=True)


if behaviour == "exit":
    print("first line\nlast words", flush=True)
    sys.exit(3)
if behaviour == "deaf":
    time.sleep(600)
if behaviour == "late":
    time.sleep(4)
while behaviour == "gated" and not os.path.exists(os.environ["GATE"]):
    time.sleep(0.02)
if behaviour == "leaver":
    subprocess.Popen(["sleep", "600"], start_new_session=True)
if behaviour == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
