"""Errors of the Flyte API, for a person."""

from __future__ import annotations

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from pulumi_flyte_provider.flyte_api import platforms, settings
from pulumi_flyte_provider.flyte_api.call_errors import explained

HERE = {"platform": "flyte", "endpoint": "https://flyte.example.com"}


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        (Code.INTERNAL, "Bad Request", "(Bad Request)"),
        (Code.UNKNOWN, "Internal Server Error", "(Internal Server Error)"),
        (
            Code.UNAVAILABLE,
            "client error (Connect): dns error: no records: Query { query_class: IN }",
            "cannot resolve",
        ),
    ],
)
def test_what_is_no_flyte_api_is_named_with_its_endpoint(code: Code, message: str, reason: str) -> None:
    plane = platforms.control_plane(settings.parse(HERE))
    explanation = str(explained(ConnectError(code, message), "looking up the project 'shop'", plane))
    assert "no Flyte API answers at https://flyte.example.com" in explanation
    assert reason in explanation
    assert "check flyte:endpoint" in explanation
