"""Takes GitHub's deliveries. A wrong signature, a changed body or a repeated delivery never reaches `push`."""

from typing import Annotated

import flyte_runtime as rt
from fastapi import Depends, FastAPI
from flyte_runtime.webhooks import Delivery, Env, GitHub, Webhook
from pydantic import BaseModel

app = FastAPI(title="github-webhook", lifespan=rt.lifespan)


class Repository(BaseModel):
    full_name: str


class Push(BaseModel):
    """The needed part of GitHub's payload. Other fields are ignored."""

    after: str
    repository: Repository


hook = Webhook(GitHub(Env("GITHUB_SECRET")), model=Push, events=["push"], tasks=["build"])


@app.post("/github", status_code=202)
async def push(delivery: Annotated[Delivery[Push], Depends(hook)]) -> dict[str, str]:
    pushed = delivery.payload
    run = await delivery.start("build", repository=pushed.repository.full_name, commit=pushed.after)
    return {"run": run.name}
