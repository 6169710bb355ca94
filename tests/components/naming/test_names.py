"""Names and endpoints: pure, total, and as Flyte computes them."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

import pytest
from flyte_local.state.projects import DOMAINS
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.naming import names

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
app_names = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?", fullmatch=True)
scopes = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?", fullmatch=True)
platforms = st.sampled_from(names.PLATFORMS)


def target(platform: str = "flyte", project: str = "shop", domain: str = "development", **more: object) -> names.Target:
    return names.Target(platform=platform, project=project, domain=domain, **more)  # type: ignore[arg-type]


@given(app_names)
def test_every_name_of_the_rule_is_accepted(name: str) -> None:
    assert names.app_name_problem(name) is None


@given(st.text(max_size=60))
def test_a_refused_name_breaks_the_rule_or_is_too_long_and_says_so(name: str) -> None:
    problem = names.app_name_problem(name)
    legal = LABEL.fullmatch(name) is not None and len(name) <= 30
    assert (problem is None) == legal


@given(st.text(min_size=1, max_size=40))
def test_a_suggested_name_is_itself_legal(name: str) -> None:
    problem = names.app_name_problem(name) or ""
    suggestion = re.search(r"for example '([^']*)'", problem)
    assert suggestion is None or names.app_name_problem(suggestion[1]) is None


@given(app_names, scopes, scopes)
def test_a_service_name_is_a_dns_label(name: str, project: str, domain: str) -> None:
    service = names.service_name(name, target(project=project, domain=domain))
    assert LABEL.fullmatch(service)
    assert len(service) <= 63


def test_a_long_service_name_ends_in_eight_digits_of_the_identity() -> None:
    project = "p" * 40
    service = names.service_name("a" * 30, target(project=project))
    digest = hashlib.sha256(f"{project}/development/{'a' * 30}".encode()).hexdigest()[:8]
    assert service == f"{('a' * 30 + '-' + project)[:54]}-{digest}"


def test_two_apps_may_collapse_to_one_service() -> None:
    assert names.service_name("a-b", target(project="c")) == names.service_name("a", target(project="b-c"))


@given(app_names, scopes, scopes, platforms)
def test_endpoints_are_urls_that_flytes_own_pattern_agrees_with(
    name: str, project: str, domain: str, platform: str
) -> None:
    place = target(platform, project, domain)
    endpoint = names.app_endpoint(name, place)
    assert urlsplit(endpoint).scheme == "http"
    if platform != "flyte" or len(f"{name}-{project}-{domain}") <= 63:
        assert names.app_endpoint_pattern(place).format(app_fqdn=name) == endpoint


def test_the_public_endpoint_is_unknown_only_without_a_base_domain() -> None:
    assert names.public_app_endpoint("web", target()) is None
    endpoint = names.public_app_endpoint("web", target(base_domain="flyte.example.com"))
    assert endpoint == "https://web-shop-development.flyte.example.com"
    assert names.public_app_endpoint("web", target("local")) == "http://127.0.0.1:8480/apps/shop/development/web"


@given(app_names, scopes, scopes)
def test_on_kubernetes_an_app_is_a_service_of_its_name_in_the_namespace(name: str, project: str, domain: str) -> None:
    namespace = names.default_namespace("kubernetes", project, domain)
    place = target("kubernetes", project, domain, namespace=namespace)
    assert LABEL.fullmatch(namespace)
    assert len(namespace) <= 63
    assert namespace == f"{project}-{domain}" or namespace.startswith(f"{project}-{domain}"[:54])
    assert names.app_endpoint(name, place) == f"http://{name}.{namespace}.svc.cluster.local"


def test_on_kubernetes_a_public_endpoint_follows_the_pattern_of_host_names() -> None:
    place = target("kubernetes", namespace="apps", ingress_host="{app}-{domain}.{project}.example.com")
    assert names.public_app_endpoint("web", place) == "https://web-development.shop.example.com"
    assert names.public_app_endpoint("web", target("kubernetes")) is None


def test_flytes_console_shows_tasks_of_kubernetes_and_none_of_its_apps() -> None:
    place = target("kubernetes", api_url="https://flyte.example.com", console="https://console.example.com")
    page = "v2/domain/development/project/shop/tasks/count"
    assert names.console_url("tasks", "count", place) == f"https://console.example.com/{page}"
    assert (
        names.console_url("tasks", "count", target(api_url="https://a.example.com")) == f"https://a.example.com/{page}"
    )
    assert names.console_url("tasks", "count", target("kubernetes")) is None
    assert names.console_url("apps", "web", place) is None


@pytest.mark.parametrize("port", [0, -1, 65536, 8012, 8022, 8112, 9090, 9091])
def test_ports_that_flyte_refuses(port: int) -> None:
    assert names.port_problem(port)


@given(st.integers(1, 65535).filter(lambda port: port not in names.RESERVED_PORTS))
def test_every_other_port_is_accepted(port: int) -> None:
    assert names.port_problem(port) is None


def test_the_domains_of_the_local_platform_are_those_that_its_control_plane_has() -> None:
    assert names.LOCAL_DOMAINS == DOMAINS
    assert not any(names.local_domain_problem(domain) for domain in DOMAINS)
    for wrong in ("stageing", "Development", "dev", "prod", "development ", ""):
        problem = names.local_domain_problem(wrong)
        assert problem == f"there is no domain {wrong!r}: use one of development, staging, production"
