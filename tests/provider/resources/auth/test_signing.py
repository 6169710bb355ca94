"""Keys are what the RFCs say, and none is in a text."""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_provider.resources.auth import signing


@given(st.binary(min_size=32, max_size=32))
def test_key_ids_are_thumbprints_of_the_public_key(seed: bytes) -> None:
    from jwt.algorithms import OKPAlgorithm

    text = base64.urlsafe_b64encode(seed).decode().rstrip("=")
    jwk = signing.public_jwk(text)
    assert jwk == signing.public_jwk(text)
    assert "d" not in jwk
    public: Any = OKPAlgorithm.from_jwk(json.dumps(jwk))
    assert base64.urlsafe_b64encode(public.public_bytes_raw()).decode().rstrip("=") == jwk["x"]


def test_the_published_thumbprint_and_key_come_out() -> None:
    """RFC 8037, appendix A."""
    jwk = signing.public_jwk("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
    assert jwk["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert jwk["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
