"""The keys of a webhook. There may be several, for rotation. They are read for each delivery and never printed."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from flyte_runtime.errors import FlyteRuntimeError, WebhookError, reason_of
from flyte_runtime.webhooks.verdict import Refusal

__all__ = ["Env", "Key", "KeySource", "Keys"]


@dataclass(frozen=True)
class Env:
    """A key in an environment variable, as the platform's secret store sets it. An empty variable counts as no key."""

    name: str

    def __call__(self) -> str:
        return os.environ.get(self.name, "")


KeySource: TypeAlias = str | bytes | Callable[[], str | bytes]
"""A key, or a function that returns it: `rt.secret("key")`, `Env("WEBHOOK_KEY")`, `lambda: rt.secret("key")`."""


@dataclass(frozen=True)
class Key:
    """A key, and its label for audit lines."""

    label: str
    secret: bytes = field(repr=False)

    def hmac(self, *parts: bytes) -> bytes:
        """Return the HMAC-SHA256 (RFC 2104) of the joined parts."""
        mac = _keyed(self.secret).copy()
        for part in parts:
            mac.update(part)
        return mac.digest()


@lru_cache(maxsize=64)
def _keyed(secret: bytes) -> hmac.HMAC:
    """Return an HMAC object to copy. `hmac.digest` prepares the key each time, which takes longer than hashing 1 kB."""
    return hmac.new(secret, digestmod="sha256")


class Keys:
    """The keys of a scheme. Keys that are passed as values are checked at once, the others when they are read."""

    __slots__ = ("_decode", "_fixed", "_sources")

    def __init__(
        self,
        sources: Sequence[KeySource | Mapping[str, KeySource]],
        decode: Callable[[str], bytes] = str.encode,
    ) -> None:
        self._decode = decode
        self._sources = tuple(_labelled(sources))
        if not self._sources:
            msg = "a webhook without a key would take deliveries from anybody: pass at least one"
            raise WebhookError(msg)
        for label, source in self._sources:
            if isinstance(source, (str, bytes)) and not source:
                msg = f"{label} is empty: pass its value, or Env('VARIABLE') to read it when it is needed"
                raise WebhookError(msg)
        fixed = not any(callable(source) for _, source in self._sources)
        self._fixed = self._read() if fixed else None

    def __repr__(self) -> str:
        return ", ".join(repr(source) if isinstance(source, Env) else "***" for _, source in self._sources)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and self._sources == other._sources

    def __hash__(self) -> int:
        return hash(self._sources)

    def read(self) -> tuple[Key, ...]:
        """Return the keys that have a value. Raises WebhookError if no key has one, or if a key has the wrong form."""
        return self._read() if self._fixed is None else self._fixed

    def refusal(self, detail: str) -> Refusal:
        """Return the refusal of a delivery that no key fits. Its reason names keys with white space around them.

        The last line break of a file often becomes part of a secret, and then no signature matches.
        """
        labels = [key.label for key in self.read() if _is_padded(key.secret)]
        if not labels:
            return Refusal(401, detail)
        reason = f"{detail}; {', '.join(labels)} begins or ends with white space: store it without"
        return Refusal(401, reason, detail)

    def _read(self) -> tuple[Key, ...]:
        keys = []
        for label, source in self._sources:
            value = _value(label, source)
            if value:
                keys.append(Key(label, value if isinstance(value, bytes) else self._decoded(label, value)))
        if not keys:
            msg = f"the webhook has no key: {self!r} is empty"
            raise WebhookError(msg)
        return tuple(keys)

    def _decoded(self, label: str, text: str) -> bytes:
        try:
            return self._decode(text)
        except ValueError as error:
            # Show only messages of our own decoders: the message of a codec would quote the key.
            reason = str(error) if type(error) is ValueError else "it is not text"
            if text.strip() != text:
                reason += "; this one begins or ends with white space, such as a line break: store it without"
            msg = f"{label} cannot be used: {reason}"
            raise WebhookError(msg) from None


def _is_padded(secret: bytes) -> bool:
    text = secret.strip()
    return text != secret and text.isascii() and text.decode("ascii").isprintable()


def _labelled(sources: Sequence[KeySource | Mapping[str, KeySource]]) -> list[tuple[str, KeySource]]:
    labelled: list[tuple[str, KeySource]] = []
    for source in sources:
        if isinstance(source, Mapping):
            labelled.extend(source.items())
        else:
            labelled.append((f"key {len(labelled) + 1}", source))
    return labelled


def _value(label: str, source: KeySource) -> str | bytes:
    if not callable(source):
        return source
    try:
        value = source()
    except FlyteRuntimeError as error:  # from rt.secret: it names the missing secret and holds no value
        raise WebhookError(f"{label} cannot be read: {reason_of(error)}") from error
    except Exception as error:
        raise WebhookError(f"{label} cannot be read: its source raised {type(error).__name__}") from None
    if not isinstance(value, (str, bytes)):
        raise WebhookError(f"{label} cannot be read: its source returned a {type(value).__name__}, not str or bytes")
    return value
