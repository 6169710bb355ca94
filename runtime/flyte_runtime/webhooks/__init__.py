"""Webhooks whose deliveries are verified, limited in size and rate, and protected against replays.

    hook = rt.webhooks.Webhook(rt.webhooks.GitHub(rt.webhooks.Env("GITHUB_SECRET")), model=Push, tasks=["train"])

    @app.post("/github")                                            # FastAPI
    async def push(delivery: Annotated[rt.webhooks.Delivery[Push], Depends(hook)]) -> dict[str, str]:
        run = await delivery.start("train", commit=delivery.payload.after)
        return {"run": run.name}

    Route("/github", hook.endpoint(push), methods=["POST"])         # plain Starlette: the same function

Importing this package imports no web framework. `Webhook` imports Starlette when it is first used. `verify` is a pure
function that works with any server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flyte_runtime.lazy_imports import import_attribute

if TYPE_CHECKING:
    from flyte_runtime.webhooks.delivery import Delivery as Delivery
    from flyte_runtime.webhooks.github import GitHub as GitHub
    from flyte_runtime.webhooks.hook import Webhook as Webhook
    from flyte_runtime.webhooks.keys import Env as Env
    from flyte_runtime.webhooks.rate import Rate as Rate
    from flyte_runtime.webhooks.refusal import Refused as Refused
    from flyte_runtime.webhooks.replays import FileReplays as FileReplays
    from flyte_runtime.webhooks.replays import MemoryReplays as MemoryReplays
    from flyte_runtime.webhooks.standard import StandardWebhooks as StandardWebhooks
    from flyte_runtime.webhooks.token import ApiKey as ApiKey
    from flyte_runtime.webhooks.token import Bearer as Bearer
    from flyte_runtime.webhooks.verdict import Accepted as Accepted
    from flyte_runtime.webhooks.verdict import Refusal as Refusal
    from flyte_runtime.webhooks.verdict import verify as verify

_HOME_OF = {
    "Accepted": "verdict",
    "ApiKey": "token",
    "Bearer": "token",
    "Delivery": "delivery",
    "Env": "keys",
    "FileReplays": "replays",
    "GitHub": "github",
    "MemoryReplays": "replays",
    "Rate": "rate",
    "Refusal": "verdict",
    "Refused": "refusal",
    "StandardWebhooks": "standard",
    "Webhook": "hook",
    "verify": "verdict",
}

__all__ = [
    "Accepted",
    "ApiKey",
    "Bearer",
    "Delivery",
    "Env",
    "FileReplays",
    "GitHub",
    "MemoryReplays",
    "Rate",
    "Refusal",
    "Refused",
    "StandardWebhooks",
    "Webhook",
    "verify",
]


def __getattr__(name: str) -> Any:
    value = globals()[name] = import_attribute(__name__, _HOME_OF, name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
