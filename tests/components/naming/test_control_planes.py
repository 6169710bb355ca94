"""Addresses of control planes, also those that are none."""

from __future__ import annotations

import pytest
from pulumi_flyte.naming.control_planes import ControlPlane, default_org, endpoint_problem, url
from pulumi_flyte.problems import Problems
from pulumi_flyte.settings import Settings, check


@pytest.mark.parametrize(
    "endpoint", ["http://[x", "https://", "ftp://flyte.example.com", "flyte.example.com:99999", "flyte:port", "dns:///"]
)
def test_what_is_no_endpoint_is_a_problem_of_the_argument(endpoint: str) -> None:
    problems, settings = Problems(), Settings(platform="flyte", project="shop", endpoint=endpoint)
    check(settings, problems)
    assert [problem.path for problem in problems] == ["endpoint"]
    assert repr(endpoint) in str(problems.entries[0])
    assert "https://flyte.example.com" in str(problems.entries[0])
    assert str(settings.control_plane), "another message can name it"


@pytest.mark.parametrize(
    ("endpoint", "shown"),
    [
        ("flyte.example.com", "flyte at https://flyte.example.com, organisation flyte"),
        ("dns:///FLYTE.example.com:443", "flyte at https://flyte.example.com, organisation flyte"),
        ("http://localhost:8090/", "flyte at http://localhost:8090"),
        ("http://[::1]:8090", "flyte at http://[::1]:8090"),
    ],
)
def test_a_message_names_it_as_a_url(endpoint: str, shown: str) -> None:
    assert endpoint_problem(endpoint) is None
    assert str(ControlPlane.at("flyte", endpoint)) == shown


@pytest.mark.parametrize(
    ("endpoint", "insecure", "expected"),
    [
        ("dns:///flyte.example.com", False, "https://flyte.example.com"),
        ("localhost:30080", True, "http://localhost:30080"),
        ("http://a:1/", False, "http://a:1"),
    ],
)
def test_endpoints_in_every_form_of_flytes_own_configuration(endpoint: str, insecure: bool, expected: str) -> None:
    assert url(endpoint, insecure=insecure) == expected


@pytest.mark.parametrize(
    ("endpoint", "org"),
    [
        ("https://acme.hosted.unionai.cloud", "acme"),
        ("http://127.0.0.1:8090", "local"),
        ("http://localhost:1", "local"),
    ],
)
def test_the_organisation_is_found_as_the_sdk_finds_it(endpoint: str, org: str) -> None:
    assert default_org(endpoint) == org


@pytest.mark.parametrize("endpoint", ["nonsense", "non-sense", "https://", "ftp://host", "http://host:port"])
def test_a_word_is_no_endpoint(endpoint: str) -> None:
    assert "an endpoint is a URL such as" in str(endpoint_problem(endpoint))


@pytest.mark.parametrize("endpoint", ["localhost", "flyte:8089", "http://flyte", "dns:///flyte", "flyte.example.com"])
def test_a_host_of_one_label_has_a_scheme_or_a_port(endpoint: str) -> None:
    assert endpoint_problem(endpoint) is None
