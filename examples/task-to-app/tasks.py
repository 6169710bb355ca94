"""A batch job. The service scores each review."""

import asyncio

import flyte
import flyte_runtime as rt

batch = flyte.TaskEnvironment(name="batch", resources=flyte.Resources(cpu="1", memory="256Mi"))
scorer = rt.app("scorer")


@batch.task
async def rate(reviews: list[str]) -> list[float]:
    """Score all reviews at the same time, over one pool of connections."""
    scores = list(await asyncio.gather(*map(score, reviews)))
    print(dict(zip(reviews, scores, strict=True)))
    return scores


async def score(review: str) -> float:
    # A score changes nothing, so the call may be repeated while the service is being replaced. The key allows that.
    reply = await scorer.post("/score", json={"text": review}, idempotency_key=review[:40])
    return reply.raise_for_status().json()
