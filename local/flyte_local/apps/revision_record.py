"""The record of a revision in the store, and the labels of its replicas."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from flyteidl2.app.app_definition_pb2 import Spec


@dataclass(frozen=True)
class RevisionRecord:
    """A specification and its number. `python` is a path of this machine, so it is not in the specification."""

    number: int
    spec: Spec
    python: str

    def to_bytes(self) -> bytes:
        """Return the record as JSON with the protobuf inside."""
        spec = base64.b64encode(self.spec.SerializeToString(deterministic=True)).decode()
        return json.dumps({"number": self.number, "python": self.python, "spec": spec}).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> RevisionRecord:
        """Return the inverse of `to_bytes`."""
        fields = json.loads(body)
        return cls(fields["number"], Spec.FromString(base64.b64decode(fields["spec"])), fields["python"])


def replica_label(revision: int, replica: int) -> str:
    """Return the name of a replica in records, folders, logs and the API: `3`, then `3-2`, `3-3`"""
    return str(revision) if replica == 1 else f"{revision}-{replica}"


def parse_label(label: str) -> tuple[int, int]:
    """Return revision and replica of a label. Raises ValueError if the text is not a label."""
    revision, _, replica = label.partition("-")
    return int(revision), int(replica or 1)
