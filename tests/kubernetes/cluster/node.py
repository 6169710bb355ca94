"""The command lines of the cluster's processes, in the order in which they start."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.kubernetes.cluster.home import ADDRESS

NODE = "n1"
_KUBECONFIG = "--kubeconfig=conf/kubeconfig"
_DNS = Path(__file__).resolve().parent / "dns.py"

REGISTRY = ["docker-registry", "serve", "conf/registry.yml"]
ETCD = [
    "etcd",
    "--data-dir=lib/etcd",
    "--listen-client-urls=http://127.0.0.1:2379",
    "--advertise-client-urls=http://127.0.0.1:2379",
    "--listen-peer-urls=http://127.0.0.1:2380",
    "--unsafe-no-fsync",
]
CONTAINERD = ["containerd", "-c", "conf/containerd.toml"]
API_SERVER = [
    "kube-apiserver",
    "--etcd-servers=http://127.0.0.1:2379",
    f"--bind-address={ADDRESS}",
    f"--advertise-address={ADDRESS}",
    "--secure-port=6443",
    "--tls-cert-file=conf/apiserver.crt",
    "--tls-private-key-file=conf/apiserver.key",
    "--service-account-key-file=conf/sa.key",
    "--service-account-signing-key-file=conf/sa.key",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--token-auth-file=conf/tokens.csv",
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-node-port-range=31100-32767",
    "--kubelet-preferred-address-types=InternalIP",
    "--allow-privileged=true",
    # The aggregation of APIs, which metrics come by.
    "--requestheader-client-ca-file=conf/front-ca.crt",
    "--requestheader-allowed-names=front-proxy",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--proxy-client-cert-file=conf/front-proxy.crt",
    "--proxy-client-key-file=conf/front-proxy.key",
]
CONTROLLER_MANAGER = [
    "kube-controller-manager",
    _KUBECONFIG,
    "--service-account-private-key-file=conf/sa.key",
    "--root-ca-file=conf/ca.crt",
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    "--use-service-account-credentials=false",
]
SCHEDULER = ["kube-scheduler", _KUBECONFIG, "--leader-elect=false", "--bind-address=127.0.0.1"]
KUBELET = [
    "kubelet",
    _KUBECONFIG,
    "--config=conf/kubelet.yaml",
    f"--hostname-override={NODE}",
    f"--node-ip={ADDRESS}",
    "--root-dir=/var/lib/kubelet",
]
KUBE_PROXY = ["kube-proxy", "--config=conf/kube-proxy.yaml"]
DNS = [sys.executable, str(_DNS), "conf"]
# Calico's Felix, which enforces network policies with nftables.
FELIX = [
    "env",
    "FELIX_DATASTORETYPE=kubernetes",
    f"FELIX_FELIXHOSTNAME={NODE}",
    "FELIX_IPTABLESBACKEND=nft",
    "FELIX_DEFAULTENDPOINTTOHOSTACTION=ACCEPT",
    "FELIX_IPV6SUPPORT=false",
    "FELIX_LOGFILEPATH=none",
    "FELIX_LOGSEVERITYFILE=none",
    "FELIX_LOGSEVERITYSYS=none",
    "FELIX_LOGSEVERITYSCREEN=Warning",
    "FELIX_USAGEREPORTINGENABLED=false",
    "FELIX_XDPENABLED=false",
    "calico-felix",
]
METRICS_SERVER = [
    "metrics-server",
    _KUBECONFIG,
    "--authentication-kubeconfig=conf/kubeconfig",
    "--authorization-kubeconfig=conf/kubeconfig",
    "--secure-port=4443",
    f"--bind-address={ADDRESS}",
    "--cert-dir=lib/metrics-certs",
    "--kubelet-insecure-tls",
    "--kubelet-preferred-address-types=InternalIP",
    "--metric-resolution=10s",  # longer than the kubelet's timeout
    "--kubelet-request-timeout=5s",
]

# The programs that `tools/build --cluster` builds. Without an optional one the cluster runs, with less.
REQUIRED = (
    *("pause", "buildctl", "buildkitd", "pulumi-resource-docker-build", "pulumi-resource-kubernetes"),
    *("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"),
    *("calico-felix", "calico"),
)
OPTIONAL = ("metrics-server",)
