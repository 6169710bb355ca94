"""Sends many damaged deliveries to one application, and checks that none is accepted and none is answered with 500."""

from __future__ import annotations

import collections
import itertools
import random
import uuid
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from flyte_runtime.webhooks import ApiKey, Bearer, Delivery, FileReplays, GitHub, StandardWebhooks, Webhook
from pydantic import BaseModel

from tests.runtime.webhooks.door import Door
from tests.runtime.webhooks.mutations import damaged, genuine, sent_by
from tests.runtime.webhooks.senders import KEY, STANDARD_KEY

NOW = 1_700_000_000.0


class Order(BaseModel):
    number: int


def scheme_of(name: str) -> Any:
    """Return a scheme with two keys. The senders have the second."""
    if name == "standard":
        return StandardWebhooks("whsec_" + "QUFB" * 8, STANDARD_KEY)
    return {"github": GitHub, "bearer": Bearer, "api_key": ApiKey}[name]("former", KEY)


class Campaign:
    """One FastAPI application behind a webhook.

    `handled` has the ids of the deliveries that reached the handler. `forged` counts the deliveries that were not the
    sender's. `replayed` counts those that were the sender's and had been handled before.
    """

    def __init__(self, scheme: str, folder: Path, seed: int = 1) -> None:
        self.scheme = scheme
        self.draw = random.Random(f"{scheme}{seed}")
        self.now = NOW
        self.handled: list[str | None] = []
        self.forged = 0
        self.replayed = 0
        self.statuses: collections.Counter[int] = collections.Counter()
        self.replays = FileReplays(folder)
        hook = Webhook(scheme_of(scheme), model=Order, max_body=64 * 1024, replays=self.replays, clock=lambda: self.now)
        self.app = FastAPI()

        async def handle(delivery: Annotated[Delivery[Order], Depends(hook)]) -> dict[str, int]:
            self.handled.append(delivery.id)
            return {"number": delivery.payload.number}

        handle.__annotations__["delivery"] = Annotated[Delivery[Order], Depends(hook)]
        self.app.post("/hook")(handle)
        self.door = Door(self.app)

    async def run(self, count: int) -> None:
        """Send forged deliveries until there are `count`. They are made of genuine ones, of which every 50th is new."""
        original = None
        for number in itertools.count():
            if self.forged >= count:
                return
            if number % 50 == 0:
                delivery = uuid.UUID(int=self.draw.getrandbits(128)).hex  # far from what damage makes of another
                original = sent_by(self.scheme, b'{"number": %d}' % number, self.now, delivery)
                answer = await self.door.send(original)
                assert answer.status == 200, answer
                assert self.handled.pop() == delivery
                again = await self.door.send(original)
                assert (again.status, again.detail["duplicate"]) == (200, delivery), again
                assert not self.handled, f"a replay was handled: {original}"
            assert original is not None
            await self.one(damaged(self.scheme, original, self.now, self.draw))

    async def one(self, sent: Any) -> None:
        answer = await self.door.send(sent)
        self.statuses[answer.status] += 1
        assert answer.status < 500, f"{answer} to {sent}"
        real = genuine(self.scheme, sent, self.now)
        self.forged += not real
        self.replayed += real
        if self.handled:
            # With these schemes the sender signs nothing. So a delivery with another id is a new one, and is handled.
            assert real, f"accepted: {sent}"
            assert self.scheme in {"bearer", "api_key"}, f"a replay was accepted: {sent}"
            self.handled.clear()
            return
        if not real:
            assert 400 <= answer.status < 500, f"{answer} to {sent}"
