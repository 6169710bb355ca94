"""The layers of an image that Flyte code declares."""

from __future__ import annotations

import pytest
from pulumi_flyte.images.flyte_layers import steps_of_layers
from pulumi_flyte.problems import Problems
from pulumi_flyte.source.description import Json, SourceImage

INDEX = "--extra-index-url https://robot:hunter2@pypi.example.com/simple"


@pytest.mark.parametrize(
    "layer",
    [{"packages": ["httpx"], "options": [INDEX]}, {"requirements": f"{INDEX}\nhttpx"}],
    ids=["option", "requirements"],
)
def test_a_credential_gets_into_no_image(layer: Json) -> None:
    problems = Problems()
    steps_of_layers(SourceImage("x:1", (layer,)), problems)
    [problem] = problems.found
    assert "flyte:buildSecrets" in str(problem)
    assert "hunter2" not in str(problem)
