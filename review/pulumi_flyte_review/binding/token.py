"""`Token`: what was reviewed, as a short text. It binds an update to a review. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields

from pulumi_flyte_review.binding.coverage import has_uncovered_secrets, secret_versions
from pulumi_flyte_review.errors import StaleReviewError
from pulumi_flyte_review.model.preview import Preview, Snapshot, Step
from pulumi_flyte_review.report.exports import export_changes

_FORMAT = "r1"
_PART = re.compile(r"[A-Za-z0-9_-]+")
# Bytes of a digest. A review approves `goal` and `start`, so these are strong: the author of a program could search for
# another program with the same digests. The other parts only show what has changed, or have values that the stack's
# owners choose.
_STRONG, _SHORT = 16, 6
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Token:
    """Digests of a preview.

    goal: the changes and their new values. start: the old values, in the state and as a refresh read them. Both include
    the stack's outputs that change.
    program, state, configuration, live: digests of everything. If `goal` or `start` differs, they show the cause.
    A preview without a refresh has no `live`.
    ciphertexts: the encrypted texts of all secret values, unless the changes have no secret that depends on them.
    """

    goal: str
    start: str
    program: str
    state: str
    configuration: str
    live: str | None = None
    ciphertexts: str | None = None

    def __str__(self) -> str:
        return ".".join((_FORMAT, *(value or _NOTHING for value in astuple(self))))

    @classmethod
    def parse(cls, text: str) -> Token:
        """Return the token of a text. Raises StaleReviewError."""
        version, *parts = text.strip().split(".")
        if version == _FORMAT and len(parts) == len(fields(cls)) and all(_PART.fullmatch(part) for part in parts):
            *required, live, ciphertexts = parts
            optional = (None if part == _NOTHING else part for part in (live, ciphertexts))
            return cls(*required, *optional)
        raise StaleReviewError(
            f"--reviewed {text!r} is not the token of a review: copy the token from the report of `pulumi-flyte diff`,"
            " or name a file with its JSON report"
        )

    @property
    def is_refreshed(self) -> bool:
        """True if the state was compared with the live resources before the review."""
        return self.live is not None


def token_of(preview: Preview, ciphertexts: Mapping[str, str]) -> Token:
    """Return the token of a preview.

    ciphertexts: the encrypted text of each secret of the stack's configuration. No value of a secret has a part in the
    token: the ciphertexts are salted, and the version of a Flyte secret is a keyed digest whose key is in the state.
    """
    everything = sorted(preview.steps, key=lambda step: step.urn)
    steps = [step for step in everything if step.changes]
    exports = tuple(export_changes(preview))
    return Token(
        goal=_digest([*map(_goal, steps), *([each.name, each.edit, each.new] for each in exports)], _STRONG),
        start=_digest(
            [
                *(start_of(step, refreshed=preview.refreshed) for step in steps),
                *([each.name, each.old] for each in exports),
            ],
            _STRONG,
        ),
        program=_digest(
            [[[step.urn, step.after and step.after.inputs] for step in everything], preview.exports[1]], _SHORT
        ),
        state=_digest([[step.urn, _content(step.before)] for step in everything], _SHORT),
        configuration=_digest(dict(preview.configuration), _SHORT),
        live=_digest([[step.urn, _content(step.live)] for step in everything], _SHORT) if preview.refreshed else None,
        ciphertexts=_digest(dict(ciphertexts), _SHORT) if has_uncovered_secrets(steps) else None,
    )


def _goal(step: Step) -> object:
    """Return what becomes of a resource. Outputs are left out: they follow from the inputs, and some depend on the
    machine that ran the preview."""
    properties = [[each.path, each.edit, each.replaces] for each in sorted(step.properties)]
    after = None if step.after is None else step.after.inputs
    return [step.urn, step.operation, step.leftover, after, properties, secret_versions(step)]


def start_of(step: Step, *, refreshed: bool) -> object:
    """Return the state that a step begins with.

    After a refresh, resources of other packages have outputs that change by themselves, such as the `status` of an
    object of Kubernetes. There the inputs and what has drifted count.
    """
    if refreshed and not step.type.startswith("flyte:"):
        drifted = [[each.path, each.edit] for each in sorted(step.drifted)]
        return [step.urn, step.before and step.before.inputs, step.gone, drifted, step.live and step.live.inputs]
    return [step.urn, _content(step.before), _content(step.live)]


def _content(snapshot: Snapshot | None) -> object:
    return None if snapshot is None else [snapshot.inputs, snapshot.outputs]


def _digest(value: object, size: int) -> str:
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:size]).decode().rstrip("=")


def _plain(value: object) -> object:
    """Return a value as JSON knows it. The engine sends every number as a float."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [_plain(item) for item in value] if isinstance(value, Iterable) and not isinstance(value, str) else value
