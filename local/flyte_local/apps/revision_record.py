"""What the store keeps of a revision, and what its replicas are called."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from flyteidl2.app.app_definition_pb2 import Spec


@dataclass(frozen=True)
class RevisionRecord:
    """A specification and its number. `python` is where interpreters' paths live: never in the specification."""

    number: int
    spec: Spec
    python: str

    def to_bytes(self) -> bytes:
        """As JSON with the protobuf inside."""
        spec = base64.b64encode(self.spec.SerializeToString(deterministic=True)).decode()
        return json.dumps({"number": self.number, "python": self.python, "spec": spec}).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> RevisionRecord:
        """The inverse of `to_bytes`."""
        found = json.loads(body)
        return cls(found["number"], Spec.FromString(base64.b64decode(found["spec"])), found["python"])


def replica_label(revision: int, replica: int) -> str:
    """The name of a replica's records, folders, log and of the replica in the API: `3`, then `3-2`, `3-3` …"""
    return str(revision) if replica == 1 else f"{revision}-{replica}"


def parse_label(label: str) -> tuple[int, int]:
    """Revision and replica of a label. Raises ValueError where it is none."""
    revision, _, replica = label.partition("-")
    return int(revision), int(replica or 1)
