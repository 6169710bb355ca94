"""The proxy's gate, with a real server and real apps: credentials of edges, browsers, and what stays open."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flyte_local.proxy.browser_sessions import BrowserSessions
from flyte_local.proxy.gate import guard_of
from flyte_local.wire.app_key import AppKey
from flyte_runtime.contract import Auth, Identity, Wiring
from flyteidl2.app.app_definition_pb2 import SecurityContext
from hypothesis import given
from hypothesis import strategies as st

from .conftest import ASGI, DOMAIN, PLAIN, PROJECT, Plane, declaration, status_of

HEADER = "Flyte-Caller-Token"
AUDIENCE = f"{PROJECT}/{DOMAIN}/guarded"
HOST = f"guarded-{PROJECT}-{DOMAIN}.localhost"
KEYS = {kid: Ed25519PrivateKey.generate() for kid in ("old", "new")}


def jwk(kid: str) -> dict[str, str]:
    x = base64.urlsafe_b64encode(KEYS[kid].public_key().public_bytes_raw()).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid}


def credential(kid: str = "new", audience: str = AUDIENCE, **claims: Any) -> dict[str, str]:
    content = {"iss": "pulumi-flyte", "sub": f"{PROJECT}/{DOMAIN}/app/caller", "aud": audience, **claims}
    return {HEADER: jwt.encode(content, KEYS[kid], algorithm="EdDSA", headers={"kid": kid})}


def variables(*kids: str, audience: str = AUDIENCE) -> dict[str, str]:
    """Return the variables that `requires_auth=True` in a Pulumi program adds to an app's specification."""
    wiring = Wiring(
        identity=Identity(kind="app", project=PROJECT, domain=DOMAIN, name="guarded"),
        auth=Auth(audience=audience, keys=tuple(map(jwk, kids)), enforced_by="platform"),
    )
    return {"FLYTE_REQUIRES_AUTH": "true", "FLYTE_WIRING": wiring.to_json()}


@pytest.fixture(scope="module", autouse=True)
def _apps(plane: Plane) -> None:
    plane.up("guarded", ASGI, env=variables("new", "old"))
    plane.up("keyless", ASGI, env={"FLYTE_REQUIRES_AUTH": "true"})
    # As Flyte's SDK sends an app: its default is requires_auth=True, said by nobody.
    plane.up("undeclared", ASGI, security_context=SecurityContext(allow_anonymous=False))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def ask(plane: Plane, path: str, method: str = "GET", **headers: str) -> tuple[int, Message, str]:
    """A request by the app's own host, as a browser sends it; redirects are not followed."""
    sent = {"Host": f"{HOST}:{plane.port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(plane.url + path, headers=sent, method=method)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=60) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def link(plane: Plane, app: str = "guarded") -> str:
    """The path and query of a fresh link, by the command line."""
    command = [sys.executable, "-m", "flyte_local", "open", app, "--home", str(plane.home.path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    parts = urlsplit(printed)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def cookie(plane: Plane) -> str:
    status, headers, _ = ask(plane, link(plane))
    assert status == 303
    return str(headers["set-cookie"]).partition(";")[0]


def test_a_call_without_a_credential_never_reaches_the_app(plane: Plane) -> None:
    for url, host in ((plane.endpoint("guarded"), {}), (plane.url, {"Host": f"{HOST}:{plane.port}"})):
        status, body = status_of(f"{url}/orders", host)
        assert status == 401
        assert "declared callers only" in json.loads(body)["error"]
        assert f"flyte-local open {AUDIENCE}" in json.loads(body)["error"]


@pytest.mark.parametrize("kid", ["new", "old"])
def test_both_keys_let_in_while_they_rotate(plane: Plane, kid: str) -> None:
    status, body = status_of(plane.endpoint("guarded") + "/orders", credential(kid))
    assert status == 200, body
    assert json.loads(body)["raw_path"] == "/orders"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (credential(audience=f"{PROJECT}/{DOMAIN}/other"), "for another app"),
        (credential(exp=int(time.time()) - 3600), "has expired"),
        ({HEADER: credential()[HEADER][:-4] + "AAAA"}, "signature is wrong"),
        ({HEADER: "x"}, "malformed"),
    ],
)
def test_a_wrong_credential_says_why(plane: Plane, headers: dict[str, str], reason: str) -> None:
    status, body = status_of(plane.endpoint("guarded"), headers)
    assert status == 401
    assert reason in body
    assert headers[HEADER] not in body or len(headers[HEADER]) < 4


def test_an_app_that_requires_credentials_and_has_no_key_has_no_callers(plane: Plane) -> None:
    assert status_of(plane.endpoint("keyless"))[0] == 401
    status, body = status_of(plane.endpoint("keyless"), credential(audience=f"{PROJECT}/{DOMAIN}/keyless"))
    assert status == 401
    assert "no declared callers" in body


def test_what_nobody_declared_is_open_as_on_flyte(plane: Plane) -> None:
    assert status_of(plane.endpoint("undeclared"))[0] == 200


async def test_websockets_need_it_too(plane: Plane) -> None:
    url = plane.endpoint("guarded") + "/ws"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
        assert refused.value.status == 401
        async with session.ws_connect(url, headers=credential()) as socket:
            await socket.send_str("hello")
            assert "hello" in (await socket.receive_str())


def test_a_link_lets_one_browser_in_once(plane: Plane) -> None:
    address = link(plane)
    status, headers, _ = ask(plane, address.replace("/?", "/page?a=1&") + "&b=2")
    assert status == 303
    assert headers["location"] == f"http://{HOST}:{plane.port}/page?a=1&b=2", "without the token"
    assert re.fullmatch(
        rf"flyte_session_{plane.port}=[\w-]{{43}}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax", headers["set-cookie"]
    )
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    cookie = headers["set-cookie"].partition(";")[0]
    assert ask(plane, "/page", Cookie=cookie)[0] == 200
    status, _, body = ask(plane, address)
    assert status == 401, "the second use"
    assert "has been used" in body
    assert ask(plane, address, Cookie=cookie)[0] == 303, "whoever is in stays in"


def test_the_session_is_the_servers_and_the_app_sees_none_of_it(plane: Plane, cookie: str) -> None:
    _, _, body = ask(plane, "/page", Cookie=f"mine=1; {cookie}; theirs=2")
    seen = {name: value for name, value in json.loads(body)["headers"] if name == "cookie"}
    assert cookie not in body
    assert re.sub(r"\s", "", seen["cookie"]) == "mine=1;theirs=2"


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": ""},
        {"Cookie": "flyte_session_1=guess"},
        {"Host": "127.0.0.1:{port}", "Cookie": "{cookie}"},
        {"Host": f"keyless-{PROJECT}-{DOMAIN}.localhost:{{port}}", "Cookie": "{cookie}"},
        {"Cookie": "{cookie}", "Origin": "https://example.com"},
        {"Cookie": "{cookie}", "Origin": "http://other.localhost:{port}"},
        {"Cookie": "{cookie}", HEADER: "forged"},
    ],
)
def test_a_cookie_counts_for_its_own_host_and_its_own_pages_only(
    plane: Plane, cookie: str, headers: dict[str, str]
) -> None:
    sent = {name: value.format(port=plane.port, cookie=cookie) for name, value in headers.items()}
    path = f"/apps/{PROJECT}/{DOMAIN}/guarded/" if sent.get("Host", "").startswith("127") else "/"
    assert ask(plane, path, **sent)[0] == 401


def test_a_link_leads_to_no_other_site(plane: Plane) -> None:
    _, headers, _ = ask(plane, link(plane).replace("/?", "//example.com/?"))
    assert urlsplit(headers["location"]).netloc == f"{HOST}:{plane.port}"


def test_a_link_is_of_no_use_for_another_app_or_by_the_path_form(plane: Plane) -> None:
    address = link(plane)
    assert ask(plane, address, Host=f"keyless-{PROJECT}-{DOMAIN}.localhost:{plane.port}")[0] == 401
    address = link(plane)
    assert ask(plane, f"/apps/{PROJECT}/{DOMAIN}/guarded{address}", Host=f"127.0.0.1:{plane.port}")[0] == 401


def test_a_browser_is_told_where_to_ask(plane: Plane) -> None:
    status, headers, body = ask(plane, "/", Accept="text/html,*/*")
    assert status == 401
    assert headers["content-type"].startswith("text/html")
    assert f"/v2/domain/{DOMAIN}/project/{PROJECT}/apps/guarded" in body


def test_the_command_names_what_there_is(plane: Plane) -> None:
    assert link(plane, "undeclared") == "/"
    command = [sys.executable, "-m", "flyte_local", "open", "gaurded", "--home", str(plane.home.path)]
    failed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert failed.returncode == 1
    assert "no app is called 'gaurded'" in failed.stderr
    assert AUDIENCE in failed.stderr


def test_an_update_changes_who_may_call(plane: Plane) -> None:
    plane.up("changing", ASGI, env=variables("old", audience=f"{PROJECT}/{DOMAIN}/changing"))
    url, headers = plane.endpoint("changing"), credential("new", f"{PROJECT}/{DOMAIN}/changing")
    assert status_of(url, headers)[0] == 401
    plane.up("changing", ASGI, env=variables("new", "old", audience=f"{PROJECT}/{DOMAIN}/changing"))
    assert status_of(url, headers)[0] == 200
    plane.up("changing", ASGI, env={})
    assert status_of(url)[0] == 200


def test_wiring_that_cannot_be_read_lets_nobody_in() -> None:
    for text in ("", "{", '{"identity": {}}', json.dumps({"version": 9})):
        guard = guard_of(declaration("web", PLAIN, env={"FLYTE_REQUIRES_AUTH": "true", "FLYTE_WIRING": text}))
        assert guard is not None
        assert guard.verifier is None
    assert guard_of(declaration("web", PLAIN, env={"FLYTE_WIRING": variables("new")["FLYTE_WIRING"]})) is None


# The sessions alone, with a clock of the test's own.

GUARDED, OTHER = AppKey(PROJECT, DOMAIN, "guarded"), AppKey(PROJECT, DOMAIN, "other")


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def sessions(clock: list[float]) -> BrowserSessions:
    return BrowserSessions(8480, lambda: clock[0])


def ticket(sessions: BrowserSessions, key: AppKey = GUARDED) -> str:
    return sessions.link(key).partition("flyte_token=")[2]


def test_links_and_sessions_end(sessions: BrowserSessions, clock: list[float]) -> None:
    late, session = ticket(sessions), sessions.open(GUARDED, ticket(sessions))
    assert session is not None
    clock[0] += 121
    assert sessions.open(GUARDED, late) is None
    assert sessions.knows(GUARDED, session)
    assert not sessions.knows(OTHER, session)
    clock[0] += 12 * 3600
    assert not sessions.knows(GUARDED, session)


def test_a_wrong_app_spends_the_link(sessions: BrowserSessions) -> None:
    spent = ticket(sessions)
    assert sessions.open(OTHER, spent) is None
    assert sessions.open(GUARDED, spent) is None


def test_nothing_kept_is_of_use_and_it_stays_small(sessions: BrowserSessions) -> None:
    made = [ticket(sessions) for _ in range(1500)]
    assert len(sessions._links) == 1000
    assert not [text for text in made if text in repr(vars(sessions))]
    assert sessions.open(GUARDED, made[0]) is None, "the oldest go first"
    assert sessions.open(GUARDED, made[-1]) is not None


@given(st.text(max_size=60))
def test_no_text_is_a_session_by_chance(text: str) -> None:
    sessions = BrowserSessions.__new__(BrowserSessions)
    sessions.__dict__.update(_clock=itertools.count().__next__, _links={}, _sessions={}, _port=1)
    assert sessions.open(GUARDED, text) is None
    assert not sessions.knows(GUARDED, text)
