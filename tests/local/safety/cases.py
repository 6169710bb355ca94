"""Random requests to every door of the server, and what no answer may be."""

from __future__ import annotations

import functools
import gzip
import importlib
import json
import random
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from flyte_local.composition import compose
from flyte_local.home import Home
from flyte_local.server.services import services
from flyte_local.state.context import Context
from flyte_local.state.store import Store
from google.protobuf.descriptor import Descriptor

from .messages import Messages

_LEAKS = (
    b"Traceback",
    b'File "',
    b"<class '",
    b"object at 0x",
    b"site-packages",
    b"flyte_local.",
    b'.py"',
    b"NoneType",
)
_METHODS = ("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "POST", "TRACE")
_TYPES = (
    "",
    "text/plain",
    "application/proto",
    "application/json",
    "application/connect+proto",
    "application/connect+json",
    "application/connect+",
    "application/grpc",
    "application/grpc-web+proto",
    "application/",
    "application/json; charset=x",
    "a" * 3000,
    "\xff",
)
_HEADERS = (
    ("connect-timeout-ms", "-5"),
    ("connect-timeout-ms", "x"),
    ("connect-timeout-ms", "1" * 30),
    ("connect-timeout-ms", "0"),
    ("connect-protocol-version", "2"),
    ("accept-encoding", "gzip"),
    ("accept-encoding", "x, y"),
    ("x-long", "y" * 20_000),
    ("x-bytes", "\xff\xfe"),
    ("content-encoding", "br"),
    ("content-encoding", "gzip"),
    ("connect-content-encoding", "gzip"),
    ("connect-accept-encoding", "gzip"),
    ("x-flyte-local-python", "/etc"),
    ("x-flyte-local-python", "python"),
    ("grpc-timeout", "9x"),
    ("cookie", "a=b"),
    ("sec-fetch-mode", "navigate"),
    ("accept", "text/html"),
    ("range", "bytes=0-"),
    ("origin", "null"),
    ("sec-fetch-site", "cross-site"),
    ("content-md5", "!"),
)
_PARTS = (
    "apps",
    "store",
    "local",
    "v1",
    "v2",
    "domain",
    "development",
    "project",
    "shop",
    "runs",
    "tasks",
    "triggers",
    "secrets",
    "a",
    "b",
    "..",
    ".",
    "%2e%2e",
    "%252e%252e",
    "%2f",
    "%00",
    "%ff",
    "",
    "owners",
    "info",
    "events",
    "uploads",
    "state.sqlite",
    "vault.key",
    "flyteidl2.app.AppService",
    "Create",
    "healthz",
    "%f0%9f%92%a5",
    "x" * 3000,
    "~",
    "*",
    "\\",
    "%5c",
    "a;b",
    "+",
)


@dataclass(frozen=True)
class Call:
    """A mounted RPC."""

    path: str
    request: Descriptor
    streaming: bool


@dataclass(frozen=True)
class Case:
    """One HTTP request. `endless` says that its answer may have no end."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    endless: bool = False

    def __repr__(self) -> str:
        return f"{self.method} {self.target[:300]} {self.headers} {self.body[:400]!r} ({len(self.body)} bytes)"


@dataclass(frozen=True)
class Answer:
    """An answer, or the beginning of an endless one. Status 0: the connection was closed without an answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@functools.cache
def mounted(folder: Path) -> tuple[Call, ...]:
    """Every RPC of every service that a server mounts."""
    home = Home(folder / "enumerated")
    home.prepare()
    store = Store(home.database)
    calls = []
    for _, application in services(compose(Context(home, 1, store))):
        module = importlib.import_module(application.__module__.removesuffix("_connect") + "_pb2")
        name = application.__name__.removesuffix("ASGIApplication")
        descriptor = module.DESCRIPTOR.services_by_name[name]
        calls += [
            Call(f"/{descriptor.full_name}/{method.name}", method.input_type, method.server_streaming)
            for method in descriptor.methods
        ]
    store.close()
    return tuple(calls)


class Cases:
    """Draws requests."""

    def __init__(self, rng: random.Random, calls: tuple[Call, ...]) -> None:
        self._rng = rng
        self._calls = calls
        self._messages = Messages(rng)

    def case(self) -> Case:
        """Seven of ten are RPCs."""
        return self.rpc() if self._rng.random() < 0.7 else self.page()

    def rpc(self, call: Call | None = None) -> Case:
        """A call of a method, now and then in the wrong protocol."""
        call = call or self._rng.choice(self._calls)
        codec = self._rng.choice(("proto", "proto", "json"))
        body = self._messages.encoded(self._messages.message(call.request), codec)
        prefix = "application/connect+" if call.streaming else "application/"
        headers = {"content-type": prefix + codec}
        if self._rng.random() < 0.05:
            body = self._packed(body, headers, call.streaming)
        if call.streaming:
            body = self._enveloped(body)
        if self._rng.random() < 0.04:
            headers["content-type"] = self._rng.choice(_TYPES)
        method = "POST" if self._rng.random() < 0.97 else self._rng.choice(_METHODS)
        target = call.path
        if method == "GET":
            target += self._rng.choice(
                (
                    "",
                    "?encoding=json&message={}",
                    "?encoding=proto&base64=1&message=!!",
                    "?%ff=%fe",
                    "?encoding=proto&message=%ff",
                    "?encoding=json&message={}&compression=gzip",
                )
            )
        return Case(method, target, (*headers.items(), *self._extra()), body, endless=True)

    def page(self) -> Case:
        """A request to the administration, the store, the apps, the console or nothing at all."""
        head = self._rng.choice(("/local/v1/", "/store/", "/apps/", "/v2/domain/", "/", "/flyteidl2.", ""))
        target = head + "/".join(self._rng.choice(_PARTS) for _ in range(self._rng.randrange(6)))
        if head == "/local/v1/" and self._rng.random() < 0.8:
            target = head + self._rng.choice(("info", "owners", "apps", "triggers", "events", "nothing"))
        if self._rng.random() < 0.4:
            name = self._rng.choice(("owner", "project", "signature", "expires", "size", "a[]", "%ff"))
            target += f"?{name}={self._rng.choice(('', 'x', '%00', '%ff', '1e999', '%f0%9f%92%a5', 'y' * 2000))}"
        body = self._rng.choice(
            (b"", b"{}", b'{"epoch": 1}', b'{"epoch": 1e999}', b"[" * 50_000, b"\xff", b"x" * 2_000_000)
        )
        method = self._rng.choice(_METHODS + ("GET",) * 8)
        return Case(
            method, target or "*", self._extra(), body if method in ("PUT", "POST", "PATCH") else b"", endless=True
        )

    def _extra(self) -> tuple[tuple[str, str], ...]:
        return tuple(self._rng.choice(_HEADERS) for _ in range(self._rng.choice((0,) * 12 + (1, 2))))

    def _packed(self, body: bytes, headers: dict[str, str], streaming: bool) -> bytes:
        headers["connect-content-encoding" if streaming else "content-encoding"] = "gzip"
        packed = gzip.compress(body)
        return self._rng.choice((packed, packed[:-4], packed[:10], packed + b"x", body, packed * 2, bomb()))

    def _enveloped(self, body: bytes) -> bytes:
        flags = self._rng.choice((0,) * 20 + (1, 2, 3, 255))
        length = self._rng.choice((*[len(body)] * 16, 0, len(body) + 1, 2**32 - 1))
        envelope = struct.pack(">BI", flags, length) + body
        return self._rng.choice((*[envelope] * 16, envelope[:3], envelope * 2, b""))


@functools.cache
def bomb() -> bytes:
    """256 MiB of zeros in 260 kB."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()


def problem(case: Case, answer: Answer) -> str | None:
    """Return the fault of an answer, or None."""
    for leak in _LEAKS:
        if leak in answer.body or any(leak.decode() in value for value in answer.headers.values()):
            return f"the answer holds {leak!r}"
    if answer.status >= 500:
        unimplemented = answer.status == 501 and (case.method == "HEAD" or _code(answer) == "unimplemented")
        waiting = answer.status == 503 and case.target.startswith("/apps/") and b"is not ready" in answer.body
        return None if unimplemented or waiting else f"the status is {answer.status}"
    if answer.headers.get("content-type", "").startswith("application/connect+"):
        return _stream_problem(answer.body)
    return None


def _code(answer: Answer) -> str | None:
    try:
        return str(json.loads(answer.body)["code"])
    except (ValueError, KeyError, TypeError):
        return None


def _stream_problem(body: bytes) -> str | None:
    while len(body) >= 5:
        flags, length = struct.unpack(">BI", body[:5])
        content, body = body[5 : 5 + length], body[5 + length :]
        if flags & 2 and len(content) == length:
            error = json.loads(gzip.decompress(content) if flags & 1 else content).get("error", {})
            # This one is the Connect protocol's own word for a flag that the headers do not allow.
            expected = "sent compressed message without compression support" in error.get("message", "")
            if error.get("code") in ("internal", "unknown", "data_loss") and not expected:
                return f"the stream ends with {error}"
    return None
