"""The names that Kubernetes and registries take."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.naming import cluster_names, names


@pytest.mark.parametrize(
    "registry",
    ["ghcr.io/acme", "localhost:5000", "10.0.0.1:5000/a/b", "[::1]:5000/a", "123.dkr.ecr.eu-1.amazonaws.com/a_b/c.d"],
)
def test_registries_that_images_can_go_to(registry: str) -> None:
    assert cluster_names.registry_problem(registry) is None


@pytest.mark.parametrize("registry", ["", "/acme", "ghcr.io/", "ghcr.io//a", "ghcr.io/a b", "-ghcr.io", "ghcr.io/_a"])
def test_registries_that_are_none(registry: str) -> None:
    assert cluster_names.registry_problem(registry)


parts = st.sampled_from(["{app}", "{project}", "{domain}", "{namespace}", "shop", "-", "."])


@given(st.lists(parts, max_size=6))
def test_a_pattern_that_is_accepted_makes_a_host_name_for_each_app(pieces: list[str]) -> None:
    pattern = "".join([*pieces, ".example.com"])
    if cluster_names.host_pattern_problem(pattern) is not None:
        return
    target = names.Target(platform="kubernetes", project="shop", ingress_host=pattern)
    hosts = {names.ingress_host(app, target) for app in ("a", "b")}
    assert len(hosts) == 2
    assert not [host for host in hosts if host is None or cluster_names.object_name_problem(host, "a host")]


@given(st.text(max_size=30))
def test_any_text_can_be_asked_about(text: str) -> None:
    for rule in (
        cluster_names.registry_problem,
        cluster_names.host_pattern_problem,
        cluster_names.gateway_problem,
        cluster_names.namespace_problem,
        cluster_names.cidr_problem,
    ):
        assert rule(text) is None or rule(text)


@given(st.ip_addresses(), st.integers(0, 32))
def test_a_range_of_addresses_is_accepted_and_one_inside_of_it_corrected(address: object, length: int) -> None:
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert cluster_names.cidr_problem(str(network)) is None
    if f"{address}/{length}" != str(network):
        assert f"did you mean {network}?" in (cluster_names.cidr_problem(f"{address}/{length}") or "")


@pytest.mark.parametrize(("key", "value"), [("team", ""), ("example.com/team", "a.b_c-D"), ("a" * 63, "b" * 63)])
def test_labels_that_an_object_can_have(key: str, value: str) -> None:
    assert cluster_names.label_problem(key, value) is None


@pytest.mark.parametrize(
    ("key", "value"), [("", "a"), ("-team", "a"), ("a/b/c", "a"), ("team", "-a"), ("a" * 64, "b"), ("a", "b" * 64)]
)
def test_labels_that_an_object_cannot_have(key: str, value: str) -> None:
    assert cluster_names.label_problem(key, value)
