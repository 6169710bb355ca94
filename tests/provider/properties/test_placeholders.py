"""Placeholders are filled in on the way out and restored on the way in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_provider.properties.placeholders import Placeholders, restore


@given(st.text(max_size=30), st.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True))
def test_filled_placeholders_come_back_as_they_were_written(text: str, version: str) -> None:
    digest = "ab" * 32
    values = Placeholders(bundle_url=f"s3://b/p/{digest}.tgz", version=version)
    written = f"{text.replace('{', '')} {{{{bundle}}}} {{{{version}}}}"
    assert restore(values.fill(written), written, bundle=digest, version=version) == written
