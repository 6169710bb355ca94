"""`python -m tests.soak.webhook_fuzz SCHEME COUNT FOLDER …`: Atheris, guided by coverage of flyte_runtime.webhooks.

Each input becomes a delivery. Some bytes of the input choose which headers are left genuine, and the other bytes make
the remaining headers and the body. The run ends after COUNT deliveries that are not genuine, and prints the answers.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

with atheris.instrument_imports(include=["flyte_runtime.webhooks"]):
    from tests.runtime.webhooks.campaign import Campaign
    from tests.runtime.webhooks.mutations import SIGNED, sent_by
    from tests.runtime.webhooks.senders import Sent


def main() -> None:
    scheme, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    audit = logging.getLogger("flyte_runtime.audit")
    audit.addHandler(logging.NullHandler())
    audit.propagate = False
    loop = asyncio.new_event_loop()
    campaign = Campaign(scheme, folder)
    original = sent_by(scheme, b'{"number": 1}', campaign.now, "an-id-of-its-own")
    loop.run_until_complete(campaign.run(0))
    assert loop.run_until_complete(campaign.door.send(original)).status == 200
    campaign.handled.clear()
    campaign.statuses.clear()
    names = (*SIGNED[scheme], b"content-type", b"content-length")

    def one(data: bytes) -> None:
        loop.run_until_complete(campaign.one(_delivery(atheris.FuzzedDataProvider(data), original, names)))
        if campaign.forged >= count:
            statuses = dict(sorted(campaign.statuses.items()))
            print(f"{scheme}: {campaign.forged} forged, {campaign.replayed} replayed, {statuses}", flush=True)
            os._exit(0)  # libFuzzer takes an exception, SystemExit too, for a finding

    atheris.Setup([sys.argv[0], *sys.argv[4:]], one)
    atheris.Fuzz()


def _delivery(fuzzed: Any, original: Sent, names: tuple[bytes, ...]) -> Sent:
    sent = original
    for name in names:
        kind = fuzzed.ConsumeIntInRange(0, 5)
        if kind == 1:
            sent = sent.having(name, fuzzed.ConsumeBytes(fuzzed.ConsumeIntInRange(0, 100)))
        elif kind == 2:
            value = dict(sent.headers).get(name, b"")
            at = fuzzed.ConsumeIntInRange(0, len(value))
            sent = sent.having(name, value[:at] + fuzzed.ConsumeBytes(2) + value[at + fuzzed.ConsumeIntInRange(0, 3) :])
        elif kind == 3:
            sent = sent.having(name, *(fuzzed.ConsumeBytes(20) for _ in range(fuzzed.ConsumeIntInRange(0, 2))))
    if fuzzed.ConsumeBool():
        sent = Sent(sent.headers, fuzzed.ConsumeBytes(fuzzed.remaining_bytes()))
    return sent


if __name__ == "__main__":
    main()
