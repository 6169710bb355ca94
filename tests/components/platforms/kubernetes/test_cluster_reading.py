"""The cluster that is read, by the kubeconfig of an object's own provider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pulumi_flyte.platforms.kubernetes.cluster_reading import ClusterReader, UnreadableError

CONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "https://cluster.example.com"}}],
    "users": [{"name": "u", "user": {"token": "hunter2"}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}


@pytest.mark.parametrize("kind", ["one line", "lines", "path"])
def test_a_kubeconfig_is_a_text_or_the_path_of_one(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(json.dumps(CONFIG))
    kubeconfig = {"one line": json.dumps(CONFIG), "lines": yaml.safe_dump(CONFIG), "path": str(file)}[kind]
    client = ClusterReader(kubeconfig, None)._client()
    assert client.configuration.host == "https://cluster.example.com"


def test_a_cluster_that_does_not_answer_is_told_apart_from_one_without_the_object() -> None:
    servers = [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}]
    reader = ClusterReader(json.dumps({**CONFIG, "clusters": servers}), None)
    with pytest.raises(UnreadableError) as caught:
        reader.annotations("v1", "Namespace", "shop", None)
    assert "hunter2" not in str(caught.value)
