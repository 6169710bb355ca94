"""A policy can name only some parts of a URL."""

from __future__ import annotations

import pytest
from pulumi_flyte.platforms.kubernetes.network.host import (
    AddressHost,
    ClusterHost,
    Host,
    NamedHost,
    host_of,
    namespace_of,
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://api.flyte.svc.cluster.local:8090", ClusterHost("flyte", 8090)),
        ("http://api.flyte.svc", ClusterHost("flyte", 80)),
        ("https://api.flyte.svc.corp.example:443/v2", ClusterHost("flyte", 443)),
        ("http://api", ClusterHost("here", 80)),
        ("http://api.other-team:8080", ClusterHost("other-team", 8080)),
        ("http://api.here", ClusterHost("here", 80)),
        ("https://example.com", NamedHost("example.com", 443)),
        ("https://example.xn--p1ai", NamedHost("example.xn--p1ai", 443)),
        ("http://10.88.0.1:8090", AddressHost("10.88.0.1/32", 8090)),
        ("https://[fd00::1]", AddressHost("fd00::1/128", 443)),
        ("https://flyte.example.com", NamedHost("flyte.example.com", 443)),
        ("https://flyte.example.com.:8443", NamedHost("flyte.example.com.", 8443)),
        ("https://svc.example.com", NamedHost("svc.example.com", 443)),
        ("nothing", None),
        ("ftp://host", None),
        ("http://host:port", None),
        ("http://[", None),
    ],
)
def test_a_host_is_pods_an_address_or_a_name(url: str, host: Host | None) -> None:
    assert host_of(url, "here") == host


def test_only_services_are_in_a_namespace() -> None:
    assert namespace_of("http://web.shop-production.svc.cluster.local", "here") == "shop-production"
    assert namespace_of("https://web.example.com", "here") is None
