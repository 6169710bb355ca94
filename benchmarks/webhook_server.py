"""The server of the webhook benchmarks, in a separate process: FastAPI routes that parse a JSON body into a model.

- `/github` and `/standard` are webhooks with default settings: a replay store in a file, and the audit log.
- `/github-off` and `/standard-off` are the same, but do not verify the signature.
- `/by-hand` has a hand-written HMAC check.
- `/plain` checks nothing.
"""

import hmac
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from flyte_runtime.webhooks import Accepted, Delivery, FileReplays, GitHub, StandardWebhooks, Webhook
from flyte_runtime.webhooks.verdict import Claim, Headers, Identity, one
from pydantic import BaseModel

KEY = "benchmarks-only"
STANDARD_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Order(BaseModel):
    number: int
    text: str


@dataclass(frozen=True)
class Off:
    """A scheme that trusts the headers. It has as many identities as the real scheme, so the store does equal work."""

    name: str
    id_header: bytes
    others: tuple[bytes, ...] = ()

    def claim(self, headers: Headers, now: float) -> Claim:
        texts = [(one(headers, name) or b"").decode("ascii") for name in (self.id_header, *self.others)]
        accepted = Accepted("key 1", texts[0], "push", tuple(map(Identity, texts)))
        return lambda body: accepted


def schemes() -> Mapping[str, Any]:
    return {
        "/github": GitHub(KEY),
        "/github-off": Off("github", b"x-github-delivery", (b"x-hub-signature-256",)),
        "/standard": StandardWebhooks(STANDARD_KEY),
        "/standard-off": Off("standard-webhooks", b"webhook-id"),
    }


def application(folder: str) -> FastAPI:
    app = FastAPI()
    replays = FileReplays(folder)
    for path, scheme in schemes().items():
        hook = Webhook(scheme, model=Order, replays=replays, name=path.strip("/"))

        async def checked(delivery: Annotated[Delivery[Order], Depends(hook)]) -> dict[str, int]:
            return {"length": len(delivery.payload.text)}

        app.post(path)(checked)

    @app.post("/by-hand")
    async def by_hand(request: Request) -> dict[str, int]:
        body = await request.body()
        expected = "sha256=" + hmac.new(KEY.encode(), body, "sha256").hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Hub-Signature-256", ""), expected):
            raise HTTPException(403, "Invalid signature")
        return {"length": len((await request.json())["text"])}

    @app.post("/plain")
    async def plain(order: Order) -> dict[str, int]:
        return {"length": len(order.text)}

    return app


if __name__ == "__main__":
    import uvicorn

    audit = logging.getLogger("flyte_runtime.audit")
    audit.setLevel(logging.INFO)
    audit.addHandler(logging.StreamHandler(open(os.devnull, "w")))  # noqa: SIM115
    audit.propagate = False
    with tempfile.TemporaryDirectory() as folder:
        served = application(folder)
        uvicorn.run(served, port=int(sys.argv[1]), access_log=False, log_level="error", timeout_keep_alive=75)
