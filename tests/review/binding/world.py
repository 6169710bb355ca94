"""A small world for tests of bindings: a program, its configuration, a state, and what is really there.

Previews are those of the stand-in engine. It meets real values of secrets here, as a real engine does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte_provider.properties.values import Secret
from pulumi_flyte_review.binding.token import Token, token_of
from pulumi_flyte_review.engine.offline.process import step_of
from pulumi_flyte_review.engine.offline.program.declared import Declared
from pulumi_flyte_review.engine.offline.program.shown import shown
from pulumi_flyte_review.engine.offline.program.stand_in import Registration, StandIn
from pulumi_flyte_review.model.preview import Preview, Snapshot

PROJECT, STACK = "shop", "dev"
THING, FLYTE_SECRET = "acme:index:Thing", "flyte:api:Secret"


@dataclass(frozen=True)
class Resource:
    """A resource of the program. key: the configuration that it reads, if any. is_secret: its value is a secret."""

    type: str
    code: int
    key: str | None = None
    is_secret: bool = False


@dataclass(frozen=True)
class World:
    """Everything that an update depends on.

    encryptions: how often each secret was set. live: properties that were changed outside of Pulumi, by resource.
    """

    program: Mapping[str, Resource]
    configuration: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    encryptions: Mapping[str, int] = field(default_factory=dict)
    state: tuple[Declared, ...] = ()
    live: Mapping[str, int] = field(default_factory=dict)

    def set_secret(self, key: str, value: str) -> World:
        """Set a secret of the configuration. The same value has another ciphertext each time."""
        count = self.encryptions.get(key, 0) + 1
        return replace(self, secrets={**self.secrets, key: value}, encryptions={**self.encryptions, key: count})

    def deployed(self) -> World:
        """Return the world after an `up` of the program."""
        engine = self._run(())
        return replace(self, state=tuple(engine.declared), live={})

    def preview(self, *, refresh: bool) -> Preview:
        """Return the preview of an update, as the engine's events tell it."""
        live = {each.urn: self._live(each) for each in self.state} if refresh else {}
        engine = self._run([live.get(each.urn, each) for each in self.state])
        states = {each.urn: each for each in self.state}
        steps = []
        for decision in engine.decisions():
            step = step_of(shown(decision))
            live_state = live.get(step.urn)
            if live_state is not None and live_state != states[step.urn] and step.before is not None:
                before = shown(replace(decision, before=states[step.urn]))["before"]
                step = replace(step, live=step.before, before=Snapshot(before["inputs"], before["outputs"]))
            steps.append(step)
        shown_configuration = {**self.configuration, **dict.fromkeys(self.secrets, SECRET)}
        return Preview(PROJECT, STACK, tuple(steps), shown_configuration, refreshed=refresh)

    def token(self, *, refresh: bool) -> Token:
        """Return the token of a review now."""
        ciphertexts = {
            key: hashlib.sha256(f"{key}{value}{self.encryptions.get(key)}".encode()).hexdigest()
            for key, value in self.secrets.items()
        }
        return token_of(self.preview(refresh=refresh), ciphertexts)

    def _live(self, declared: Declared) -> Declared:
        name = declared.urn.rpartition("::")[2]
        if name not in self.live or declared.type != THING:
            return declared
        return replace(declared, inputs={**declared.inputs, "size": self.live[name]})

    def _run(self, state: Any) -> StandIn:
        engine = StandIn(PROJECT, STACK, {}, state or None)
        for name, resource in self.program.items():
            engine.register(Registration(self._declared(name, resource)))
        return engine

    def _declared(self, name: str, resource: Resource) -> Declared:
        urn = f"urn:pulumi:{STACK}::{PROJECT}::{resource.type}::{name}"
        value: Any = None if resource.key is None else {**self.configuration, **self.secrets}[resource.key]
        if resource.is_secret and value is not None:
            value = Secret(value)
        if resource.type == FLYTE_SECRET:
            inputs = {"name": name, "value": value if value is not None else Secret(f"of-the-code-{resource.code}")}
        else:
            inputs = {"size": 1, "code": resource.code, **({} if value is None else {"value": value})}
        return Declared(urn, resource.type, "", is_custom=True, provider="", inputs=inputs)
