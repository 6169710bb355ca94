"""A stand-in for a cluster: it answers for the objects of a mapping, as the API server does."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_DISCOVERY: dict[str, Any] = {
    "/version": {"major": "1", "minor": "34"},
    "/apis": {"kind": "APIGroupList", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {"name": "namespaces", "kind": "Namespace", "namespaced": False, "verbs": ["get"], "singularName": ""},
            {"name": "services", "kind": "Service", "namespaced": True, "verbs": ["get"], "singularName": ""},
        ],
    },
}


@contextlib.contextmanager
def cluster_with(
    objects: Mapping[str, object], *, status: int = 404, reviews: Mapping[str, Callable[[Any], object]] | None = None
) -> Iterator[str]:
    """Serve objects by their path, and yield a kubeconfig. A patch changes entries of an object's `spec`.

    status: the answer about every other object. reviews: answers to the `spec` of what is sent, by its path.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({**_DISCOVERY, **objects}.get(self.path.partition("?")[0]))

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            review = (reviews or {}).get(self.path)
            self.answer(review and review(sent["spec"]))

        def do_PATCH(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            changed: Any = objects.get(self.path)
            if changed is not None:
                changed["spec"].update(sent["spec"])
            self.answer(changed)

        def answer(self, answer: object) -> None:
            body = json.dumps({"kind": "Status", "code": status} if answer is None else answer).encode()
            self.send_response(200 if answer is not None else status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield kubeconfig_of(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def kubeconfig_of(server: str) -> str:
    """Return a kubeconfig that leads to a server."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "hunter2"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    return json.dumps(config)
