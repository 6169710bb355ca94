"""A DNS server for the cluster, in place of CoreDNS: the addresses of Services, read from the API server.

It answers for cluster addresses, headless Services (their ready endpoints) and external names of Services in the
cluster. Everything else does not exist. Run as `dns.py CONF`, with the folder of the token and the authority.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ADDRESS = ("10.88.0.1", 53)
API = "https://10.88.0.1:6443"
TIME_TO_LIVE = 2  # seconds
_POLL = 0.5  # seconds
_A, _IN = 1, 1
_NO_ERROR, _NO_SUCH_NAME = 0x8580, 0x8583


@dataclass
class Records:
    """The names that the server knows, and their addresses."""

    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def poll(self, conf: Path) -> None:
        """Read the API server again and again, for ever."""
        context = ssl.create_default_context(cafile=str(conf / "ca.crt"))
        context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
        token = (conf / "token").read_text().strip()

        def items(path: str) -> list[dict[str, Any]]:
            request = urllib.request.Request(API + path, headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, context=context, timeout=10) as response:
                listed: list[dict[str, Any]] = json.load(response)["items"]
                return listed

        while True:
            try:
                services = items("/api/v1/services")
                self.addresses = addresses_of(services, items("/apis/discovery.k8s.io/v1/endpointslices"))
            except (OSError, ValueError) as error:  # the API server starts, stops, or is busy
                print(f"poll: {error}", flush=True)
            time.sleep(_POLL)

    def answer(self, query: bytes) -> bytes:
        """Return the response to one question."""
        labels, position = [], 12
        while length := query[position]:
            labels.append(query[position + 1 : position + 1 + length].decode().lower())
            position += length + 1
        (kind,) = struct.unpack(">H", query[position + 1 : position + 3])
        addresses = self.addresses.get(".".join(labels))
        name = struct.pack(">HHHIH", 0xC00C, _A, _IN, TIME_TO_LIVE, 4)
        answers = [name + socket.inet_aton(address) for address in addresses or () if kind == _A]
        flags = _NO_SUCH_NAME if addresses is None else _NO_ERROR
        header = query[:2] + struct.pack(">HHHHH", flags, 1, len(answers), 0, 0)
        return header + query[12 : position + 5] + b"".join(answers)


def addresses_of(services: Sequence[Mapping[str, Any]], slices: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the names of all Services with their addresses."""
    addresses: dict[str, list[str]] = {}
    headless: set[str] = set()
    external: dict[str, str] = {}
    for service in services:
        name = _name(service["metadata"]["name"], service["metadata"]["namespace"])
        specification = service["spec"]
        if specification.get("type") == "ExternalName":
            external[name] = specification["externalName"]
        elif specification.get("clusterIP") in (None, "", "None"):
            headless.add(name)
            addresses[name] = []
        else:
            addresses[name] = [specification["clusterIP"]]
    for endpoints in slices:
        metadata = endpoints["metadata"]
        service_name = metadata.get("labels", {}).get("kubernetes.io/service-name", "")
        name = _name(service_name, metadata["namespace"])
        if name in headless:
            ready = [end for end in endpoints.get("endpoints") or [] if (end.get("conditions") or {}).get("ready")]
            addresses[name].extend(address for end in ready for address in end["addresses"])
    for name, target in external.items():
        if target in addresses:
            addresses[name] = addresses[target]
    return addresses


def _name(service: str, namespace: str) -> str:
    return f"{service}.{namespace}.svc.cluster.local"


def serve_tcp(records: Records) -> None:
    """Answer over TCP, for ever."""
    with socket.create_server(ADDRESS, backlog=50) as listener:
        while True:
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.settimeout(2)
                    (length,) = struct.unpack(">H", connection.recv(2))
                    response = records.answer(connection.recv(length))
                    connection.sendall(struct.pack(">H", len(response)) + response)
                except (OSError, ValueError, IndexError, struct.error) as error:
                    print(f"tcp: {error}", flush=True)


def serve_udp(records: Records) -> None:
    """Answer over UDP, for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(ADDRESS)
        while True:
            query, client = server.recvfrom(1500)
            try:
                server.sendto(records.answer(query), client)
            except (OSError, ValueError, IndexError, struct.error) as error:
                print(f"udp: {error}", flush=True)


def main(conf: str) -> None:
    """Serve until the process ends."""
    records = Records()
    for work in (lambda: records.poll(Path(conf)), lambda: serve_tcp(records)):
        threading.Thread(target=work, daemon=True).start()
    serve_udp(records)


if __name__ == "__main__":
    main(sys.argv[1])
