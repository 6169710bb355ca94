"""A real Kubernetes of one node, with a registry, image builds, metrics and enforced network policies, for tests.

It runs in network and mount namespaces of its own, from Go programs that `tools/build --cluster` builds and from
unpacked Debian packages. There is no Docker. `python -m tests.kubernetes.cluster` says what it can do.
"""
