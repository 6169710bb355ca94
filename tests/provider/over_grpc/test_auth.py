"""`flyte:api:AuthKey` and `flyte:api:EdgeCredential` over gRPC."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flyte_runtime.contract import Auth
from flyte_runtime.serving.credentials import Admitted, Refusal, public_keys, verify
from pulumi_flyte_provider.messages.redaction import Redactor
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret
from pulumi_flyte_provider.resources.auth import signing

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

KEY = "flyte:api:AuthKey"
CREDENTIAL = "flyte:api:EdgeCredential"
AUDIENCE = "shop/development/backend"
BACKEND = {"audience": AUDIENCE}
CALLER = "shop/development/app/webhook"


def edge(outputs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the inputs of a credential that is signed with the key of these outputs."""
    key = {"privateKey": outputs["privateKey"], "issuedAt": outputs["createdAt"]}
    return {**key, "caller": CALLER, "audience": AUDIENCE, **changes}


def accepts(outputs: dict[str, Any], credential: str) -> bool:
    """Check whether an app with these keys accepts the credential."""
    keys = public_keys(Auth(audience=AUDIENCE, keys=tuple(outputs["keys"])))
    return isinstance(verify(credential, keys, AUDIENCE, 2e9), Admitted)


def test_a_preview_makes_no_key_and_says_so(flyte: Plugin, world: World) -> None:
    _, first = flyte.create(KEY, "backend", BACKEND, preview=True)
    assert (first["privateKey"], first["keys"], first["createdAt"]) == (UNKNOWN, UNKNOWN, UNKNOWN)
    _, credential = flyte.create(CREDENTIAL, "edge", edge(first), preview=True)
    assert credential["credential"] is UNKNOWN
    assert world.calls == [], "the platform has no part in it"


def test_the_callee_takes_its_callers_credential(flyte: Plugin) -> None:
    _, key = flyte.create(KEY, "backend", BACKEND)
    _, made = flyte.create(CREDENTIAL, "edge", edge(key))
    token = made["credential"].value
    verdict = verify(token, public_keys(Auth(audience=AUDIENCE, keys=tuple(key["keys"]))), AUDIENCE, 2e9)
    assert isinstance(verdict, Admitted)
    assert verdict.caller.subject == CALLER
    head, body, _ = (part + "==" for part in token.split("."))
    assert json.loads(base64.urlsafe_b64decode(head)) == {"alg": "EdDSA", "kid": key["keys"][0]["kid"], "typ": "JWT"}
    claims = {"iss": "pulumi-flyte", "sub": CALLER, "aud": AUDIENCE, "iat": key["createdAt"]}
    assert json.loads(base64.urlsafe_b64decode(body)) == claims


def test_secrets_are_secrets_in_state_and_public_keys_are_public(flyte: Plugin) -> None:
    _, key = flyte.create(KEY, "backend", BACKEND)
    assert isinstance(key["privateKey"], Secret)
    assert set(key["keys"][0]) == {"kty", "crv", "x", "kid", "alg", "use"}, "nothing of a private key"
    _, made = flyte.create(CREDENTIAL, "edge", edge(key, privateKey=key["privateKey"].value))
    assert isinstance(made["credential"], Secret)
    assert isinstance(made["privateKey"], Secret), "also where it was given in plain"


def test_an_equal_edge_is_an_equal_credential_known_in_preview(flyte: Plugin) -> None:
    _, key = flyte.create(KEY, "backend", BACKEND)
    _, preview = flyte.create(CREDENTIAL, "edge", edge(key), preview=True)
    id, made = flyte.create(CREDENTIAL, "edge", edge(key))
    assert preview["credential"] == made["credential"]
    assert not flyte.diff(CREDENTIAL, "edge", id, edge(key), made, edge(key)).changed
    _, other = flyte.create(CREDENTIAL, "other", edge(key, caller="shop/development/task/words.count"))
    assert other["credential"] != made["credential"]


def test_rotation_is_in_place_and_two_keys_count(flyte: Plugin) -> None:
    id, first = flyte.create(KEY, "backend", BACKEND)
    tokens, outputs, old = [], first, BACKEND
    for rotation in ("2026-11", "2026-12", "2027-01"):
        _, made = flyte.create(CREDENTIAL, "edge", edge(outputs))
        tokens.append(made["credential"].value)
        new = {**BACKEND, "rotation": rotation}
        answer = flyte.diff(KEY, "backend", id, old, outputs, new)
        assert answer.changed
        assert not answer.replaces
        preview = flyte.update(KEY, "backend", id, old, outputs, new, preview=True)
        assert preview["keys"] is UNKNOWN
        outputs, old = flyte.update(KEY, "backend", id, old, outputs, new), new
        assert [accepts(outputs, token) for token in tokens] == [False] * (len(tokens) - 1) + [True]
        assert len(outputs["keys"]) == 2
    assert not flyte.diff(KEY, "backend", id, old, outputs, old).changed


def test_another_app_is_another_key(flyte: Plugin) -> None:
    id, first = flyte.create(KEY, "backend", BACKEND)
    answer = flyte.diff(KEY, "backend", id, BACKEND, first, {"audience": "shop/development/renamed"})
    assert answer.replaces == ["audience"]
    assert answer.delete_first


def test_a_new_key_changes_the_credential_in_place(flyte: Plugin) -> None:
    _, key = flyte.create(KEY, "backend", BACKEND)
    id, made = flyte.create(CREDENTIAL, "edge", edge(key))
    unknown = edge({"privateKey": UNKNOWN, "createdAt": UNKNOWN})
    answer = flyte.diff(CREDENTIAL, "edge", id, edge(key), made, unknown)
    assert set(answer.paths) == {"privateKey", "issuedAt"}
    assert not answer.replaces
    assert flyte.update(CREDENTIAL, "edge", id, edge(key), made, unknown, preview=True)["credential"] is UNKNOWN


def test_an_expiry_is_part_of_the_credential(flyte: Plugin) -> None:
    _, key = flyte.create(KEY, "backend", BACKEND)
    _, made = flyte.create(CREDENTIAL, "edge", edge(key, expiresAt=1_900_000_000))
    keys = public_keys(Auth(audience=AUDIENCE, keys=tuple(key["keys"])))
    assert isinstance(verify(made["credential"].value, keys, AUDIENCE, 1_899_999_999), Admitted)
    assert isinstance(verify(made["credential"].value, keys, AUDIENCE, 1_900_000_100), Refusal)


def test_a_refresh_changes_nothing_and_an_import_is_refused(flyte: Plugin) -> None:
    key_id, key = flyte.create(KEY, "backend", BACKEND)
    id, made = flyte.create(CREDENTIAL, "edge", edge(key))
    assert flyte.read(KEY, "backend", key_id, BACKEND, key) == (key_id, BACKEND, key)
    assert flyte.read(CREDENTIAL, "edge", id, edge(key), made) == (id, edge(key), made)
    for token, name in ((KEY, key_id), (CREDENTIAL, id)):
        with pytest.raises(PluginError, match="in the state that made it and nowhere else"):
            flyte.read(token, "again", name)
        flyte.delete(token, "again", name, made)


def test_a_wrong_key_is_a_problem_that_quotes_nothing_of_it(flyte: Plugin) -> None:
    wrong = {"privateKey": Secret("c4n4ry-c4n4ry"), "issuedAt": 1, "caller": CALLER, "audience": AUDIENCE}
    (failure,) = flyte.failures(CREDENTIAL, "edge", wrong)
    assert failure.startswith("privateKey: not a private key")
    assert "c4n4ry" not in failure


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (KEY, {}, "audience: it is required"),
        (KEY, {"audience": AUDIENCE, "rotaton": "x"}, "rotation"),
        (CREDENTIAL, {"caller": CALLER}, "privateKey: it is required"),
    ],
)
def test_what_is_missing_or_unknown_is_named(flyte: Plugin, token: str, inputs: dict[str, Any], expected: str) -> None:
    assert any(expected in failure for failure in flyte.failures(token, "wrong", inputs))


def test_what_was_made_is_in_no_text_afterwards() -> None:
    redactor = Redactor()
    seed = signing.new_seed()
    token = signing.credential(seed, caller=CALLER, audience=AUDIENCE, issued_at=1)
    redactor.learn(KEY, {"privateKey": Secret(seed)})
    redactor.learn(CREDENTIAL, {"privateKey": Secret(seed), "credential": Secret(token)})
    assert redactor.clean(f"Flyte-Caller-Token: {token} ({seed})") == "Flyte-Caller-Token: *** (***)"


def test_the_plugin_hides_what_it_has_just_made(flyte: Plugin, world: World) -> None:
    _, key = flyte.create(KEY, "backend", BACKEND)
    _, made = flyte.create(CREDENTIAL, "edge", edge(key))
    token = made["credential"].value
    (failure,) = flyte.failures(KEY, "wrong", {"audience": AUDIENCE, token: "x"})
    assert token not in failure
    assert "***" in failure
