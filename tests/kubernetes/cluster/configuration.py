"""The configuration files of the cluster's processes, made from `templates/`."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from tests.kubernetes.cluster import certificates
from tests.kubernetes.cluster.home import ADDRESS, CGROUP, REGISTRY_PORT, TEMPLATES, Home

_API_NAMES = (
    *(ADDRESS, "10.96.0.1", "127.0.0.1", "kubernetes", "kubernetes.default"),
    *("kubernetes.default.svc", "kubernetes.default.svc.cluster.local"),
)
# Where each template goes in `conf/`. The file by which containerd's network is chosen is the first by name.
_FILES = {
    "bridge.conflist": "cni/10-bridge.conflist",
    "builder.json": "docker/buildx/instances/local",
    "buildkitd.toml": "buildkitd.toml",
    "calico.conflist": "calico.conflist",
    "calico.yaml": "calico.yaml",
    "containerd.toml": "containerd.toml",
    "kube-proxy.yaml": "kube-proxy.yaml",
    "kubeconfig": "kubeconfig",
    "kubelet.yaml": "kubelet.yaml",
    "metrics.yaml": "metrics.yaml",
    "registry.yml": "registry.yml",
}


def write(home: Home) -> None:
    """Write keys, certificates, the token and all files. Keys and the token stay as they are once made."""
    home.make_folders()
    conf = home.conf
    ca, front_ca = certificates.authority(conf, "ca"), certificates.authority(conf, "front-ca")
    certificates.server_certificate(conf, "apiserver", ca, _API_NAMES)
    certificates.client_certificate(conf, "front-proxy", front_ca)
    certificates.private_key(conf / "sa.key")
    token = _token(conf / "token")
    (conf / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
    (conf / "resolv.conf").write_text(f"nameserver {ADDRESS}\n")
    values = {
        "@HOME@": str(home.folder),
        "@PORT@": str(REGISTRY_PORT),
        "@TOKEN@": token,
        "@CA@": base64.b64encode((conf / "ca.crt").read_bytes()).decode(),
        "@CGROUP@": CGROUP,
    }
    for template, target in _FILES.items():
        text = (TEMPLATES / template).read_text()
        for key, value in values.items():
            text = text.replace(key, value)
        _write_if_changed(conf / target, text)


def _token(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24))
    return path.read_text()


def _write_if_changed(path: Path, text: str) -> None:
    """Leave an equal file alone: kube-proxy ends when its configuration is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
