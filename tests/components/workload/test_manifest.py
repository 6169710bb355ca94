"""A component's state contains a manifest of its workload."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.source.bundle import Bundle
from pulumi_flyte.workload.manifest import (
    Manifest,
    configuration_manifest,
    configuration_of,
    shortened,
)

TEXTS = st.dictionaries(st.text(min_size=1), st.text())


@given(files=TEXTS, packages=TEXTS)
def test_the_state_keeps_a_manifest_as_it_is(files: dict[str, str], packages: dict[str, str]) -> None:
    manifest = Manifest(files, packages)
    assert Manifest.parse(json.loads(json.dumps(manifest.as_dict()))) == manifest


def test_a_file_has_another_digest_with_another_content_only() -> None:
    one, same, other = (Manifest.of_bundle(Bundle({"a.py": text})).files["a.py"] for text in (b"1", b"1", b"2"))
    assert one == same != other
    assert len(one) == 16


def test_a_file_costs_few_bytes_of_state() -> None:
    files = {f"package/module_{number}.py": str(number).encode() for number in range(100)}
    assert len(json.dumps(Manifest.of_files(files).as_dict())) / 100 <= 50


def test_a_document_of_another_format_says_nothing() -> None:
    assert Manifest.parse({"format": 2, "files": {}}) is None
    assert Manifest.parse(None) is None
    assert configuration_of({"format": 2, "configuration": {"a": "b"}}) is None


def test_the_configuration_is_kept_and_long_values_by_their_digest() -> None:
    values = {"shop:replicas": "2", "shop:page": "x" * 5000}
    configuration = configuration_of(configuration_manifest(values))
    assert configuration is not None
    assert configuration["shop:replicas"] == "2"
    assert configuration["shop:page"] == shortened("x" * 5000) != shortened("y" * 5000)
    assert len(configuration["shop:page"]) < 40
