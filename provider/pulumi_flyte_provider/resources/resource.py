"""What the servicer needs of a kind of resource."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from pulumi_flyte.naming.scopes import Scope, default_scope
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import CancelledByPulumi
from pulumi_flyte_provider.flyte_api.connection import Connection
from pulumi_flyte_provider.messages.engine_log import EngineLog
from pulumi_flyte_provider.ownership.claims import Claims
from pulumi_flyte_provider.ownership.urn import Urn
from pulumi_flyte_provider.properties.codec import Tree
from pulumi_flyte_provider.properties.difference import Difference

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Call:
    """One operation of the engine on one resource. `timeout` is seconds, 0 where the user set none."""

    urn: Urn
    connection: Connection
    claims: Claims
    cancelled: threading.Event
    timeout: float = 0
    log: EngineLog = field(default_factory=EngineLog)

    @property
    def owner(self) -> str:
        """The mark's owner."""
        return self.urn.owner

    def over(self, connection: Connection) -> Call:
        """Return the same operation over another connection."""
        return replace(self, connection=connection)

    def look(self, question: Callable[[], Answer]) -> Answer | None:
        """Ask the platform for a preview; None where it cannot be asked."""
        return self.connection.look(question)

    def say(self, message: str) -> None:
        """Tells the user something about this resource."""
        self.log.info(self.urn.text, message)

    def warn(self, message: str) -> None:
        """Warns the user about this resource."""
        self.log.warning(self.urn.text, message)

    def leave(self, what: str, reason: str) -> None:
        """Warn that an object is forgotten and not deleted, unless this run has just replaced it."""
        if not self.claims.declares(self.urn.text):
            self.warn(f"{what} {reason}: it is forgotten here, not deleted")

    def default_scope(self) -> Scope:
        """The configured Flyte project and domain, or those of the stack."""
        config, default = self.connection.config, default_scope(self.urn.project, self.urn.stack)
        return Scope(config.project or default.project, config.domain or default.domain)

    def wait(self, seconds: float) -> None:
        """Sleeps. Raises CancelledByPulumi when the run is being cancelled."""
        if self.cancelled.wait(seconds):
            raise CancelledByPulumi(f"{self.urn.type} {self.urn.name!r}: cancelled while waiting")


@dataclass(frozen=True)
class Deadline:
    """A point in time that an operation must not pass."""

    seconds: float
    at: float = field(default=0.0)

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """From now."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds until then; negative when it is too late."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> bool:
        """Whether it is too late."""
        return time.monotonic() > self.at


@dataclass(frozen=True)
class Stored:
    """An object as state keeps it. `failures`: it exists and does not work, each with the reason."""

    id: str
    outputs: Tree
    inputs: Tree | None = None
    failures: Sequence[str] = ()


class Resource(Protocol):
    """The life of one kind of object. Trees are decoded properties; only `check` and the previews meet unknowns."""

    token: str

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """The inputs with defaults filled in; what is wrong goes into `problems`."""

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """What `up` would change. Pure, and so quick that nobody waits for it, but for a kind that `LooksOutside`."""

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """The outputs that `up` will give, as far as they are known; `outputs` are the old ones of an update."""

    def create(self, call: Call, news: Tree) -> Stored:
        """Makes the object."""

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """The live object; None where it is gone. Without inputs and outputs it is an import."""

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """Changes the object, or makes it again where it is gone."""

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """Removes the object; one that is gone already is fine."""


class LooksOutside:
    """A mark for kinds whose `diff` looks at the machine or the platform, and so may take a while. It never touches."""


def is_import(inputs: Tree, outputs: Tree) -> bool:
    """Whether a Read is the first that state hears of an object."""
    return not inputs and not outputs


def given(tree: Tree) -> Tree:
    """The properties that were given at all."""
    return {key: value for key, value in tree.items() if value is not None}


def merged(base: Any, over: Any) -> Any:
    """Two JSON values in one: objects are merged deeply, in everything else `over` wins."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return base if over is None else over


def remainder(whole: Any, part: Any) -> Any:
    """What `merged(part, x)` needs as x to give `whole`; None where nothing is left over."""
    if isinstance(whole, dict) and isinstance(part, dict):
        left = {key: remainder(value, part.get(key)) for key, value in whole.items()}
        return {key: value for key, value in left.items() if value is not None and value != {}} or None
    return None if whole == part else whole
