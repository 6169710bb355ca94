"""`Token`: what was reviewed, as a short text. It binds an update to a review. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pulumi_flyte_review.binding.coverage import has_uncovered_secrets, secret_versions
from pulumi_flyte_review.errors import StaleReviewError
from pulumi_flyte_review.model.preview import Json, Preview, Snapshot, Step

_FORMAT = "r1"
_PART = re.compile(r"[A-Za-z0-9_-]+")
# Bytes of a digest. The goal is what a reviewer trusts, and an author of a program could look for another one with the
# same digest. The others are of values that nobody but the stack's owners chooses.
_STRONG, _SHORT = 16, 8
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Token:
    """Digests of a preview.

    goal: what changes, and to what. state: of what changes, before. world: of what changes, as a refresh saw it; None
    for a preview that did not refresh. configuration: all plain values. ciphertexts: the encrypted texts of all secret
    values; None where no secret of the changes depends on them.
    """

    goal: str
    state: str
    configuration: str
    world: str | None = None
    ciphertexts: str | None = None

    def __str__(self) -> str:
        parts = (self.goal, self.state, self.configuration, self.world or _NOTHING, self.ciphertexts or _NOTHING)
        return ".".join((_FORMAT, *parts))

    @classmethod
    def parse(cls, text: str) -> Token:
        """Return the token of a text. Raises StaleReviewError."""
        version, *parts = text.strip().split(".")
        if version == _FORMAT and len(parts) == 5 and all(_PART.fullmatch(part) for part in parts):
            goal, state, configuration, world, ciphertexts = parts
            return cls(
                goal,
                state,
                configuration,
                None if world == _NOTHING else world,
                None if ciphertexts == _NOTHING else ciphertexts,
            )
        raise StaleReviewError(
            f"--reviewed {text!r} is no token of a review: take it from the report of `pulumi-flyte diff`, or name a"
            " file with its JSON report"
        )

    @property
    def is_refreshed(self) -> bool:
        """Whether the state was compared with the world before the review."""
        return self.world is not None


def token_of(preview: Preview, ciphertexts: Mapping[str, str]) -> Token:
    """Return the token of a preview.

    ciphertexts: the encrypted text of each secret of the stack's configuration. No value of a secret has a part in the
    token: the ciphertexts are salted, and the version of a Flyte secret is a keyed digest whose key is in the state.
    """
    steps = changing(preview)
    return Token(
        goal=_digest([_goal(step) for step in steps], _STRONG),
        state=_digest([[step.urn, _before(step.before)] for step in steps], _STRONG),
        configuration=_digest(dict(sorted(preview.configuration.items())), _SHORT),
        world=_digest([[step.urn, _before(step.live)] for step in steps], _SHORT) if preview.refreshed else None,
        ciphertexts=_digest(dict(sorted(ciphertexts.items())), _SHORT) if has_uncovered_secrets(steps) else None,
    )


def changing(preview: Preview) -> list[Step]:
    """Return the steps that change anything, in an order that does not depend on the run."""
    steps = (step for step in preview.steps if step.operation not in ("same", "read"))
    return sorted(steps, key=lambda step: step.urn)


def _goal(step: Step) -> Json:
    """Return what becomes of a resource. Outputs are left out: they follow from the inputs, and some depend on the
    machine that ran the preview."""
    properties = [[each.path, each.edit, each.replaces] for each in sorted(step.properties)]
    after = None if step.after is None else step.after.inputs
    return [step.urn, step.operation, after, properties, secret_versions(step)]


def _before(snapshot: Snapshot | None) -> Json:
    return None if snapshot is None else [snapshot.inputs, snapshot.outputs]


def _digest(value: Json, size: int) -> str:
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:size]).decode().rstrip("=")


def _plain(value: Json) -> Json:
    """Return a value as JSON knows it. The engine sends every number as a float."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [_plain(item) for item in value] if isinstance(value, Iterable) and not isinstance(value, str) else value
