"""The modules that importing webhooks loads, and the types that type checkers see."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from flyte_runtime import webhooks
from flyte_runtime.webhooks import Bearer, Delivery, Webhook
from pydantic import BaseModel
from typing_extensions import assert_type


def loaded_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, sep='\\n')"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_no_framework_is_loaded_before_it_is_needed() -> None:
    heavy = {"starlette", "fastapi", "limits", "flyte", "httpx", "aiohttp", "uvicorn"}
    verifying = "import flyte_runtime as rt; rt.webhooks.verify(rt.webhooks.GitHub('k'), {}, b'', 0)"
    assert not loaded_after(verifying) & (heavy | {"pydantic"})
    assert loaded_after("import flyte_runtime as rt; rt.webhooks.Webhook(rt.webhooks.GitHub('k'))") & heavy == {
        "starlette"
    }


@pytest.mark.parametrize("name", webhooks.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert name in dir(webhooks)
    assert getattr(webhooks, name) is not None
    with pytest.raises(AttributeError):
        getattr(webhooks, name.lower() + "_")


class Order(BaseModel):
    number: int


def test_a_payload_has_its_models_type() -> None:
    assert_type(Webhook(Bearer("k"), model=Order), Webhook[Order])
    assert_type(Webhook(Bearer("k")), Webhook[Any])

    async def handle(delivery: Delivery[Order]) -> int:
        assert_type(delivery.payload, Order)
        assert_type(delivery.id, "str | None")
        return delivery.payload.number

    Webhook(Bearer("k"), model=Order).endpoint(handle)
