"""Credentials of edges: which are accepted, which are refused, and how an application learns who calls."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flyte_runtime import testing
from flyte_runtime.apps import app as wired_app
from flyte_runtime.contract import CREDENTIAL_HEADER, AppInput, Auth, Identity, parse_subject
from flyte_runtime.errors import BadWiring, SecretMissing, SocketRefused
from flyte_runtime.serving.caller_auth import CallerAuth
from flyte_runtime.serving.credentials import LONGEST, Admitted, Refusal, Verifier, public_keys, verify
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

AUDIENCE = "shop/development/backend"
CALLER = "shop/development/app/webhook"
NOW = 1_790_000_000.0
GOOD = {"iss": "pulumi-flyte", "sub": CALLER, "aud": AUDIENCE}


class Signer:
    """A key of the deployer. The callee gets only its public part, `jwk`."""

    def __init__(self, kid: str = "k1") -> None:
        self.private = Ed25519PrivateKey.generate()
        self.kid = kid

    @property
    def jwk(self) -> dict[str, str]:
        x = base64.urlsafe_b64encode(self.private.public_key().public_bytes_raw()).decode().rstrip("=")
        return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": self.kid, "alg": "EdDSA", "use": "sig"}

    def token(self, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        content = {"iss": "pulumi-flyte", "sub": CALLER, "aud": AUDIENCE, "iat": int(NOW), **claims}
        content = {key: value for key, value in content.items() if value is not None}
        return jwt.encode(content, self.private, algorithm="EdDSA", headers={"kid": self.kid, **(headers or {})})

    def signed(self, head: Any, claims: Any) -> str:
        """Sign a head and claims without any check, which no library does."""
        text = f"{encoded(head)}.{encoded(claims)}"
        return f"{text}.{base64.urlsafe_b64encode(self.private.sign(text.encode())).decode().rstrip('=')}"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="module")
def auth(signer: Signer) -> Auth:
    return Auth(audience=AUDIENCE, keys=(signer.jwk,))


def decide(token: str, auth: Auth, now: float = NOW) -> Admitted | Refusal:
    return verify(token, public_keys(auth), auth.audience, now)


def encoded(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_credential_names_its_caller(signer: Signer, auth: Auth) -> None:
    verdict = decide(signer.token(), auth)
    assert isinstance(verdict, Admitted)
    assert verdict.caller == Identity(kind="app", project="shop", domain="development", name="webhook")
    assert verdict.caller.subject == CALLER


def hs256_with_the_public_key(signer: Signer) -> str:
    """Key confusion: the public key, which everybody may know, as the secret of a symmetric signature."""
    public = signer.private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = encoded({"alg": "HS256", "typ": "JWT", "kid": signer.kid})
    body = encoded(GOOD)
    signature = hmac.new(pem, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def unsigned(signer: Signer, name: str) -> str:
    head = encoded({"alg": name, "typ": "JWT", "kid": signer.kid})
    return f"{head}.{encoded(GOOD)}."


def with_another_body(signer: Signer) -> str:
    head, _, signature = signer.token().split(".")
    return f"{head}.{encoded({**GOOD, 'sub': 'shop/development/app/root'})}.{signature}"


def with_its_own_key(signer: Signer) -> str:
    """Return a token of a forger, whose own key is in the header under the id of the real one."""
    forger = Signer(signer.kid)
    return forger.token({"jwk": forger.jwk, "jku": "https://example.com/keys"})


REFUSED: dict[str, tuple[Callable[[Signer], str], str]] = {
    "forged by another key": (lambda s: Signer(s.kid).token(), "signature is wrong"),
    "its own key in the header": (with_its_own_key, "signature is wrong"),
    "another body": (with_another_body, "signature is wrong"),
    "an unknown key": (lambda s: Signer("k9").token(), "not, or no longer, this app's"),
    "no key id": (lambda s: s.signed({"alg": "EdDSA"}, GOOD), "not, or no longer"),
    "alg none": (lambda s: unsigned(s, "none"), "not signed with EdDSA"),
    "alg None": (lambda s: unsigned(s, "NoNe"), "not signed with EdDSA"),
    "alg EdDSA without a signature": (lambda s: unsigned(s, "EdDSA"), "signature is wrong"),
    "key confusion": (hs256_with_the_public_key, "not signed with EdDSA"),
    "ES256": (
        lambda s: jwt.encode({"sub": CALLER}, generate_private_key(SECP256R1()), "ES256", {"kid": s.kid}),
        "not signed with EdDSA",
    ),
    "another app": (lambda s: s.token(aud="shop/development/other"), "for another app"),
    "several apps": (lambda s: s.token(aud=[AUDIENCE, "shop/development/other"]), "for another app"),
    "no audience": (lambda s: s.token(aud=None), "malformed"),
    "another issuer": (lambda s: s.token(iss="somebody"), "malformed"),
    "no issuer": (lambda s: s.token(iss=None), "malformed"),
    "no caller": (lambda s: s.token(sub=None), "malformed"),
    "a caller of no kind": (lambda s: s.token(sub="shop/development/person/ada"), "malformed"),
    "an incomplete caller": (lambda s: s.token(sub="shop/development/app/"), "malformed"),
    "expired": (lambda s: s.token(exp=int(NOW) - 60), "has expired"),
    "an expiry that is no time": (lambda s: s.token(exp="never"), "malformed"),
    "not valid yet": (lambda s: s.token(nbf=int(NOW) + 3600), "not valid yet"),
    "a critical extension": (
        lambda s: s.signed({"alg": "EdDSA", "kid": s.kid, "crit": ["x"], "x": 1}, GOOD),
        "malformed",
    ),
    "too long": (lambda s: s.token(more="x" * LONGEST), "longer than"),
    "nothing": (lambda s: "", "malformed"),
    "two parts": (lambda s: s.token().rpartition(".")[0], "malformed"),
    "four parts": (lambda s: s.token() + ".x", "malformed"),
    "no ASCII": (lambda s: s.token().replace(".", "ü", 1), "malformed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nothing_else_counts(signer: Signer, auth: Auth, case: str) -> None:
    make, reason = REFUSED[case]
    token = make(signer)
    verdict = decide(token, auth)
    assert isinstance(verdict, Refusal), case
    assert reason in verdict.reason
    assert not token or token not in verdict.reason


def test_an_expiry_is_honoured_and_a_clock_may_differ_a_little(signer: Signer, auth: Auth) -> None:
    token = signer.token(exp=int(NOW), iat=int(NOW) + 500)
    assert isinstance(decide(token, auth, NOW - 10), Admitted), "a deployer's clock ahead of ours is no reason"
    assert isinstance(decide(token, auth, NOW + 20), Admitted)
    assert isinstance(decide(token, auth, NOW + 31), Refusal)


def test_while_keys_rotate_both_count_and_then_the_older_one_no_longer() -> None:
    keys = [Signer(f"k{number}") for number in range(3)]
    tokens = [key.token() for key in keys]
    for newest in range(3):
        accepted = keys[max(0, newest - 1) : newest + 1]
        auth = Auth(audience=AUDIENCE, keys=tuple(key.jwk for key in reversed(accepted)))
        verdicts = [isinstance(decide(token, auth), Admitted) for token in tokens]
        assert verdicts == [key in accepted for key in keys]


def test_a_signature_is_checked_once_and_an_expiry_each_time(
    signer: Signer, auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier(auth)
    token = signer.token(exp=int(NOW) + 100)
    monkeypatch.setattr(time, "time", lambda: NOW)
    assert isinstance(verifier.verify(token), Identity)
    monkeypatch.setattr(jwt, "decode", lambda *_, **__: pytest.fail("a known credential was verified again"))
    assert isinstance(verifier.verify(token), Identity)
    monkeypatch.undo()
    monkeypatch.setattr(time, "time", lambda: NOW + 131)
    verdict = verifier.verify(token)
    assert isinstance(verdict, Refusal)
    assert "expired" in verdict.reason


def test_what_is_kept_of_a_credential_is_no_credential(signer: Signer, auth: Auth) -> None:
    verifier = Verifier(auth)
    token = signer.token()
    verifier.verify(token)
    assert token not in repr(vars(verifier))
    assert token.encode() not in b"".join(verifier._admitted)


def test_many_credentials_take_bounded_room(signer: Signer, auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flyte_runtime.serving.credentials._CACHE_SIZE", 5)
    verifier = Verifier(auth)
    for number in range(12):
        assert isinstance(verifier.verify(signer.token(jti=str(number))), Identity)
    assert len(verifier._admitted) == 5


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": "!", "kid": "k"},
        {"kty": "OKP", "crv": "Ed448", "x": "AA", "kid": "k"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
    ],
)
def test_wiring_with_keys_that_are_none_lets_nothing_start(key: dict[str, str]) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        pytest.fail("served")

    with pytest.raises(BadWiring, match="deploy the app again"):
        CallerAuth(application, Auth(audience=AUDIENCE, keys=(key,)))


def test_subjects_go_there_and_back() -> None:
    for kind in ("app", "task"):
        identity = parse_subject(f"p/d/{kind}/words.count")
        assert identity.subject == f"p/d/{kind}/words.count"
    with pytest.raises(ValueError, match="not a caller"):
        parse_subject("p/d/person/x")


# The verifier meets the network. It answers any bytes, and never admits a token that was not signed with the key.
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_HEADS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["EdDSA", "none", "HS256", "ES256", "RS256", ""]) | _JSON,
        "kid": st.just("k1") | _JSON,
        "typ": _JSON,
        "crit": _JSON,
        "b64": _JSON,
    },
)
_CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.just("pulumi-flyte") | _JSON,
        "sub": st.just(CALLER) | _JSON,
        "aud": st.just(AUDIENCE) | _JSON,
        "exp": _JSON,
        "nbf": _JSON,
        "iat": _JSON,
    },
)
_FUZZ = settings(max_examples=150, suppress_health_check=list(HealthCheck))


@_FUZZ
@given(text=st.text(max_size=200) | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,100}", fullmatch=True))
def test_any_text_is_refused(auth: Auth, text: str) -> None:
    assert isinstance(decide(text, auth), Refusal)
    assert isinstance(Verifier(auth).verify(text), Refusal)


@_FUZZ
@given(head=_HEADS, claims=_CLAIMS, signature=st.binary(max_size=80))
def test_any_head_and_claims_without_the_key_are_refused(
    auth: Auth, head: dict[str, Any], claims: dict[str, Any], signature: bytes
) -> None:
    tail = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    assert isinstance(decide(f"{encoded(head)}.{encoded(claims)}.{tail}", auth), Refusal)


@_FUZZ
@given(claims=_CLAIMS)
def test_whatever_is_signed_with_the_key_has_a_verdict(signer: Signer, auth: Auth, claims: dict[str, Any]) -> None:
    verdict = decide(signer.signed({"alg": "EdDSA", "kid": signer.kid}, claims), auth)
    if isinstance(verdict, Admitted):
        assert (claims["iss"], claims["aud"]) == ("pulumi-flyte", AUDIENCE)
        assert verdict.caller.subject == claims["sub"]


@_FUZZ
@given(data=st.data())
def test_one_changed_character_is_enough(signer: Signer, auth: Auth, data: st.DataObject) -> None:
    token = signer.token()
    # The last character of 64 signed bytes has four bits that mean nothing (RFC 4648 section 3.5).
    at = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("ABCDEFabcdef0123456789-_.= ").filter(lambda c: c != token[at]))
    assert isinstance(decide(token[:at] + other + token[at + 1 :], auth), Refusal)


# The middleware, behind a real server.


async def _application(scope: Any, receive: Any, send: Any) -> None:
    caller = scope["state"]["caller"]
    text = json.dumps({"caller": caller and caller.subject, "path": scope["path"]})
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close"})
        return
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": text.encode()})


@pytest.fixture
def guarded(serve: Callable[..., str], auth: Auth) -> str:
    return serve(CallerAuth(_application, auth))


def test_a_caller_without_a_credential_is_told_so(guarded: str) -> None:
    response = httpx.get(f"{guarded}/orders")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == f'{CREDENTIAL_HEADER} realm="{AUDIENCE}"'
    assert "carries no credential" in response.json()["error"]


def test_the_application_knows_its_caller(guarded: str, signer: Signer) -> None:
    response = httpx.get(f"{guarded}/orders", headers={CREDENTIAL_HEADER: signer.token(), "Authorization": "Bearer x"})
    assert response.json() == {"caller": CALLER, "path": "/orders"}


def test_two_credentials_are_none(guarded: str, signer: Signer) -> None:
    headers = [(CREDENTIAL_HEADER, signer.token()), (CREDENTIAL_HEADER, signer.token(sub="p/d/app/x"))]
    assert httpx.get(guarded, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("POST", "/healthz", 401),
        ("GET", "/healthz/", 401),
        ("GET", "/healthz/../orders", 401),
        ("GET", "//healthz", 401),
        ("GET", "/orders?x=/healthz", 401),
    ],
)
def test_probes_pass_and_nothing_that_looks_like_them(guarded: str, method: str, path: str, status: int) -> None:
    assert httpx.request(method, guarded + path).status_code == status


def test_a_health_path_of_its_own_is_open(serve: Any, auth: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_HEALTH_PATH", "/status")
    url = serve(CallerAuth(_application, auth))
    assert httpx.get(f"{url}/status").json()["caller"] is None


def test_where_the_platform_refuses_the_middleware_only_tells_who_calls(serve: Any, auth: Auth, signer: Signer) -> None:
    url = serve(CallerAuth(_application, auth.model_copy(update={"enforced_by": "platform"})))
    assert httpx.get(url).json()["caller"] is None
    assert httpx.get(url, headers={CREDENTIAL_HEADER: "forged"}).json()["caller"] is None
    assert httpx.get(url, headers={CREDENTIAL_HEADER: signer.token()}).json()["caller"] == CALLER


@pytest.fixture
def edge(guarded: str, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppInput]:
    """`rt.app("backend")` with the edge's credential, as a component wires it."""
    monkeypatch.setenv("FLYTE_CREDENTIAL_BACKEND", signer.token())
    backend = AppInput(
        project="shop",
        domain="development",
        name="backend",
        url=guarded,
        credential_variable="FLYTE_CREDENTIAL_BACKEND",
    )
    with testing.wired({"backend": backend}):
        yield backend


async def test_wired_calls_carry_it_and_no_repr_shows_it(edge: AppInput, signer: Signer, closed_pool: None) -> None:
    handle = wired_app("backend")
    response = await handle.get("/orders", headers={"Authorization": "Bearer my own"})
    assert response.json()["caller"] == CALLER
    shown = "".join(map(repr, (handle, response, response.request, response.request.headers, vars(handle))))
    assert CREDENTIAL_HEADER.lower() not in response.request.headers
    assert signer.token() not in shown


async def test_it_is_read_anew_for_each_call(
    edge: AppInput, monkeypatch: pytest.MonkeyPatch, closed_pool: None
) -> None:
    handle = wired_app("backend")
    assert (await handle.get("/")).status_code == 200
    monkeypatch.setenv("FLYTE_CREDENTIAL_BACKEND", "rotated away")
    assert (await handle.get("/")).status_code == 401
    monkeypatch.delenv("FLYTE_CREDENTIAL_BACKEND")
    with pytest.raises(SecretMissing, match="FLYTE_CREDENTIAL_BACKEND is not set"):
        await handle.get("/")


async def test_a_websocket_needs_and_carries_it(edge: AppInput, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = wired_app("backend")
    async with handle.websocket("/live") as socket:
        assert json.loads(await socket.recv())["caller"] == CALLER
    monkeypatch.setenv("FLYTE_CREDENTIAL_BACKEND", "forged")
    with pytest.raises(SocketRefused, match="401") as refused:
        async with handle.websocket("/live"):
            pytest.fail("let in")
    assert refused.value.status == 401


async def test_a_server_without_http_answers_closes_the_handshake(auth: Auth) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await CallerAuth(_application, auth)({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "the call carries no credential"}]


async def test_a_redirect_takes_it_nowhere(
    serve: Callable[..., str], signer: Signer, monkeypatch: pytest.MonkeyPatch, closed_pool: None
) -> None:
    seen: list[bytes] = []

    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(name for name, _ in scope.get("headers", ()))
        await _application({**scope, "state": {"caller": None}}, receive, send)

    away = serve(elsewhere)

    async def redirecting(scope: Any, receive: Any, send: Any) -> None:
        kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
        if scope["type"] == "lifespan":
            return
        await receive()
        await send({"type": f"{kind}.start", "status": 307, "headers": [(b"location", away.encode())]})
        await send({"type": f"{kind}.body", "body": b""})

    monkeypatch.setenv("CREDENTIAL", signer.token())
    edge = AppInput(project="p", domain="d", name="backend", url=serve(redirecting), credential_variable="CREDENTIAL")
    with testing.wired({"backend": edge}):
        assert (await wired_app("backend").get("/")).status_code == 307
        with pytest.raises(SocketRefused, match="307"):
            async with wired_app("backend").websocket("/"):
                pytest.fail("followed")
    assert seen == []
