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


def test_a_pod_without_a_kubeconfig_reads_by_its_own_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("t0ken")
    (tmp_path / "ca.crt").write_text("-")
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "none"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    assert ClusterReader(None, None)._client().configuration.host == "https://10.96.0.1:443"
    # A context that the stack names is in a kubeconfig, so that one is missing.
    with pytest.raises(UnreadableError):
        ClusterReader(None, "prod").annotations("v1", "Namespace", "shop", None)
