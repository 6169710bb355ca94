"""Credentials of edges: what is planned before anything is declared."""

from __future__ import annotations

import json
import re

import pytest
from flyte_runtime.contract import (
    CREDENTIAL_HEADER,
    AppInput,
    Auth,
    Identity,
    Wiring,
    is_reserved_variable,
    parse_subject,
)
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.links import AppLink, from_dict
from pulumi_flyte.naming import names
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.edge import AppEdge, CallerKey, Edges
from pulumi_flyte.wiring.variables import Guard, wiring_variables
from pulumi_flyte.workload.edge_credential import credentials_of, secret_name
from pulumi_flyte.workload.identity import identity_of

from tests.components.workload.specs import plan_app

NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?", fullmatch=True)
WEB = Identity(kind="app", project="shop", domain="development", name="web")
LINK = AppLink("shop", "development", "backend", "http://b")


KEY = CallerKey("key", 1)


def edge(alias: str, key: CallerKey | None = KEY) -> AppEdge:
    return AppEdge(alias=alias, link=LINK, stored="", timeout=3, key=key)


@pytest.fixture(autouse=True)
def _cache(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_CACHE_DIR", str(tmp_path))


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
def test_edges_have_secrets_of_their_own(one: tuple[str, str], other: tuple[str, str]) -> None:
    def key(ends: tuple[str, str]) -> str:
        return secret_name(f"shop/development/app/{ends[0]}", f"shop/development/{ends[1]}")

    assert names.secret_name_problem(key(one)) is None
    assert len(key(one)) <= 80
    assert (key(one) == key(other)) == (one == other)


def test_an_app_and_a_task_of_one_name_are_two_callers() -> None:
    audience = "shop/development/backend"
    assert secret_name("shop/development/app/x", audience) != secret_name("shop/development/task/x", audience)


def test_two_aliases_of_an_app_share_one_credential() -> None:
    (credential,) = credentials_of(WEB, [edge("b"), edge("a"), edge("open", None)])
    assert credential.variables == ("FLYTE_CREDENTIAL_A", "FLYTE_CREDENTIAL_B")
    assert (credential.caller, credential.audience) == (WEB.subject, "shop/development/backend")


def test_the_consumer_asks_for_the_secret_and_its_wiring_names_the_variable() -> None:
    plan = plan_app({"image": "nginx:1", "command": ["nginx"]}, edges=Edges((edge("backend_url"),)))
    properties = plan.properties(None)
    (request,) = properties["secrets"]
    assert request["envVar"] == "FLYTE_CREDENTIAL_BACKEND_URL"
    assert re.fullmatch(r"edge-web-backend-[0-9a-f]{8}", request["key"])
    assert is_reserved_variable(request["envVar"]), "no alias and no variable of the user's can be it"
    document = Wiring.from_json(properties["env"]["FLYTE_WIRING"])
    entry = document.inputs["backend_url"]
    assert isinstance(entry, AppInput)
    assert entry.credential_variable == request["envVar"]
    assert document.auth is None


def test_a_version_without_credentials_is_what_it_was() -> None:
    """An app that neither requires nor carries any has no trace of them in its wiring."""
    assert "auth" not in json.loads(str(wiring_variables(WEB, Edges(), "local")["FLYTE_WIRING"]))


def test_the_callee_learns_keys_and_audience() -> None:
    guard = Guard("shop/development/web", [{"kid": "k", "kty": "OKP"}], "platform")
    text = wiring_variables(WEB, Edges(), "local", guard)["FLYTE_WIRING"]
    auth = Auth(audience="shop/development/web", keys=({"kid": "k", "kty": "OKP"},), enforced_by="platform")
    assert Wiring.from_json(str(text)).auth == auth


def test_a_link_says_that_credentials_are_required_and_crosses_the_engine() -> None:
    link = AppLink("shop", "development", "b", "http://b", "http://p", "urn:pulumi:dev::shop::flyte:api:AuthKey::b")
    crossed = link.as_dict()
    assert str(crossed["authKey"]).startswith("urn:")
    assert from_dict(crossed) == link
    assert "authKey" not in AppLink("shop", "development", "b", "http://b").as_dict()


@given(NAMES, NAMES)
def test_callers_are_named_as_the_runtime_reads_them(project: str, name: str) -> None:
    identity = identity_of("task", f"{name}.count", Settings(platform="local", project=project))
    assert parse_subject(identity.subject) == identity


def test_the_header_is_no_applications_own() -> None:
    assert CREDENTIAL_HEADER.lower() not in ("authorization", "cookie", "proxy-authorization")
