"""The keys of a webhook: several at once while one replaces another, read when a delivery comes, never printed."""

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
    """A key in an environment variable, as a platform's secret store fills it. Unset or empty is no key."""

    name: str

    def __call__(self) -> str:
        return os.environ.get(self.name, "")


KeySource: TypeAlias = str | bytes | Callable[[], str | bytes]
"""A key, or what gives it: `rt.secret("webhook-key")`, `Env("WEBHOOK_KEY")`, `lambda: rt.secret("webhook-key")`."""


@dataclass(frozen=True)
class Key:
    """One key and what audit lines call it."""

    label: str
    secret: bytes = field(repr=False)

    def hmac(self, *parts: bytes) -> bytes:
        """HMAC-SHA256 (RFC 2104) of the parts, one after the other."""
        mac = _keyed(self.secret).copy()
        for part in parts:
            mac.update(part)
        return mac.digest()


@lru_cache(maxsize=64)
def _keyed(secret: bytes) -> hmac.HMAC:
    """Ready to be copied: `hmac.digest` looks the algorithm up and sets the key anew, twice what 1 kB takes to hash."""
    return hmac.new(secret, digestmod="sha256")


class Keys:
    """All keys that count now. Those that are given as values are checked at once, the others when they are read."""

    __slots__ = ("_decode", "_fixed", "_sources")

    def __init__(
        self,
        sources: Sequence[KeySource | Mapping[str, KeySource]],
        decode: Callable[[str], bytes] = str.encode,
    ) -> None:
        self._decode = decode
        self._sources = tuple(_labelled(sources))
        if not self._sources:
            msg = "a webhook without a key would take anybody's deliveries: give at least one"
            raise WebhookError(msg)
        for label, source in self._sources:
            if isinstance(source, (str, bytes)) and not source:
                msg = f"{label} is empty: give its value, or Env('VARIABLE') to have it read when it is needed"
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
        """The keys that have a value. Raises WebhookError where none has, or one is not what the scheme wants."""
        return self._read() if self._fixed is None else self._fixed

    def refusal(self, detail: str) -> Refusal:
        """Return the refusal of a delivery that no key fits. Its reason names keys that have white space around them.

        A file's last line break becomes part of a secret easily, and then no sender's signature matches.
        """
        labels = [key.label for key in self.read() if _is_padded(key.secret)]
        if not labels:
            return Refusal(401, detail)
        reason = f"{detail}; {', '.join(labels)} begins or ends with white space: store it without"
        return Refusal(401, reason, detail)

    def _read(self) -> tuple[Key, ...]:
        found = []
        for label, source in self._sources:
            given = _value(label, source)
            if given:
                found.append(Key(label, given if isinstance(given, bytes) else self._decoded(label, given)))
        if not found:
            msg = f"the webhook has no key: {self!r} gave nothing"
            raise WebhookError(msg)
        return tuple(found)

    def _decoded(self, label: str, text: str) -> bytes:
        try:
            return self._decode(text)
        except ValueError as error:
            # Of what went wrong only our own words are shown: a codec's message would quote the key.
            reason = str(error) if type(error) is ValueError else "it is not text"
            if text.strip() != text:
                reason += "; this one begins or ends with white space, such as a line break: store it without"
            msg = f"{label} cannot be used: {reason}"
            raise WebhookError(msg) from None


def _is_padded(secret: bytes) -> bool:
    text = secret.strip()
    return text != secret and text.isascii() and text.decode("ascii").isprintable()


def _labelled(sources: Sequence[KeySource | Mapping[str, KeySource]]) -> list[tuple[str, KeySource]]:
    found: list[tuple[str, KeySource]] = []
    for source in sources:
        if isinstance(source, Mapping):
            found.extend(source.items())
        else:
            found.append((f"key {len(found) + 1}", source))
    return found


def _value(label: str, source: KeySource) -> str | bytes:
    if not callable(source):
        return source
    try:
        given = source()
    except FlyteRuntimeError as error:  # rt.secret's: it names what is missing and holds no value
        raise WebhookError(f"{label} cannot be read: {reason_of(error)}") from error
    except Exception as error:
        raise WebhookError(f"{label} cannot be read: its source raised {type(error).__name__}") from None
    if not isinstance(given, (str, bytes)):
        raise WebhookError(f"{label} cannot be read: its source gave a {type(given).__name__}, not str or bytes")
    return given
