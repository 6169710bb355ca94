"""`flyte:api:Secret` over gRPC."""

from __future__ import annotations

import pytest
from pulumi_flyte_provider.properties.values import UNKNOWN, Secret
from pulumi_flyte_provider.resources.secret.marker import is_marker_of, marker_name

from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import Plugin, PluginError

SECRET = "flyte:api:Secret"
KEY = {"name": "api-key", "value": Secret("c4n4ry")}
SCOPE = ("shop", "development")
KEPT = (*SCOPE, "api-key")
OWNER = "shop/dev/flyte:api:Secret::key"
MARKED = (*SCOPE, marker_name("api-key", OWNER))


def markers(world: World) -> list[tuple[str, str, str]]:
    """The marks of the stack's own resource in the project."""
    return [key for key in world.secrets if key[:2] == SCOPE and is_marker_of(key[2], "api-key", OWNER)]


def test_the_first_preview_does_not_know_the_version_and_the_next_one_does(flyte: Plugin, world: World) -> None:
    _, first = flyte.create(SECRET, "key", KEY, preview=True)
    assert first["version"] is UNKNOWN
    assert world.mutations() == []
    id, outputs = flyte.create(SECRET, "key", KEY)
    assert id == "shop/development/api-key"
    old = flyte.check(SECRET, "key", KEY)
    new = {**KEY, "value": Secret("rotated")}
    preview = flyte.update(SECRET, "key", id, old, outputs, new, preview=True)
    after = flyte.update(SECRET, "key", id, old, outputs, new)
    assert preview["version"] == after["version"] != outputs["version"]
    assert world.secrets[KEPT] == "rotated"


def test_an_update_of_the_same_value_does_not_overwrite_one_that_others_have_rotated(
    flyte: Plugin, world: World
) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    old = flyte.check(SECRET, "key", KEY)
    world.secrets[KEPT] = "rotated"
    flyte.update(SECRET, "key", id, old, outputs, {**KEY, "instance": 2})
    assert world.secrets[KEPT] == "rotated"
    del world.secrets[KEPT]
    flyte.update(SECRET, "key", id, old, outputs, {**KEY, "instance": 3})
    assert world.secrets[KEPT] == "c4n4ry"


def test_state_says_nothing_about_the_value(flyte: Plugin) -> None:
    _, outputs = flyte.create(SECRET, "key", {"name": "api-key", "value": "c4n4ry"})
    assert outputs["value"] == Secret("c4n4ry"), "also a value that was given in plain is a secret in state"
    assert isinstance(outputs["versionKey"], Secret)
    assert "c4n4ry" not in str({key: value for key, value in outputs.items() if not isinstance(value, Secret)})


def test_two_secrets_of_one_value_have_different_versions(flyte: Plugin) -> None:
    _, one = flyte.create(SECRET, "key", KEY)
    _, two = flyte.create(SECRET, "other", {**KEY, "name": "other"})
    assert one["version"] != two["version"]


def test_an_interrupted_create_is_finished(flyte: Plugin, world: World) -> None:
    world.secrets[MARKED] = "marker"
    flyte.create(SECRET, "key", KEY)
    flyte.create(SECRET, "key", {**KEY, "value": Secret("again")})
    assert world.secrets[KEPT] == "again"


def test_somebody_elses_secret_stays_theirs(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    world.secrets[KEPT] = "theirs"
    with pytest.raises(PluginError, match=r"(?s)exists already and is not managed.*existing=true.*adopt=true"):
        flyte.create(SECRET, "key", KEY)
    assert world.secrets == {KEPT: "theirs"}, "no half-made marker"
    flyte.create(SECRET, "key", {**KEY, "adopt": True})
    with pytest.raises(PluginError, match=r"managed by shop/dev/…::key "):
        other_stack.create(SECRET, "key", KEY)


def test_delete_takes_the_marker_along_and_is_idempotent(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    assert KEPT in world.secrets
    assert len(markers(world)) == 1
    flyte.delete(SECRET, "key", id, outputs)
    flyte.delete(SECRET, "key", id, outputs)
    assert world.secrets == {}


@pytest.mark.parametrize(
    ("scope", "id", "key"),
    [
        ({"project": "", "domain": ""}, "api-key", ("", "", "api-key")),
        ({"project": ""}, "development/api-key", ("", "development", "api-key")),
        ({"project": "other", "domain": "staging"}, "other/staging/api-key", ("other", "staging", "api-key")),
    ],
)
def test_every_scope_has_its_id(
    flyte: Plugin, world: World, scope: dict[str, str], id: str, key: tuple[str, ...]
) -> None:
    created, outputs = flyte.create(SECRET, "key", {**KEY, **scope})
    assert created == id
    assert key in world.secrets
    read_id, inputs, _ = flyte.read(SECRET, "key", id)
    assert (read_id, inputs["project"], inputs["domain"]) == (id, key[0], key[1])
    assert inputs["existing"] is True
    flyte.delete(SECRET, "key", id, outputs)
    assert world.secrets == {}


def test_refresh_of_a_vanished_secret_is_empty(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    assert flyte.read(SECRET, "key", id, outputs, outputs)[0] == id
    world.secrets.clear()
    assert flyte.read(SECRET, "key", id, outputs, outputs)[0] == ""


def test_a_secret_that_exists_elsewhere_is_neither_changed_nor_deleted(flyte: Plugin, world: World) -> None:
    inputs = {"name": "api-key", "existing": True}
    with pytest.raises(PluginError, match="does not exist: create it"):
        flyte.create(SECRET, "key", inputs)
    world.secrets[KEPT] = "theirs"
    id, outputs = flyte.create(SECRET, "key", inputs)
    assert outputs["version"] == "existing"
    flyte.delete(SECRET, "key", id, outputs)
    assert world.secrets == {KEPT: "theirs"}


def test_differences_show_no_values(flyte: Plugin) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    old = flyte.check(SECRET, "key", KEY)
    assert not flyte.diff(SECRET, "key", id, old, outputs, KEY).changed
    assert flyte.diff(SECRET, "key", id, old, outputs, {**KEY, "value": Secret("x")}).paths == {"value": "UPDATE"}
    moved = flyte.diff(SECRET, "key", id, old, outputs, {**KEY, "domain": "staging"})
    assert (moved.paths, moved.delete_first) == ({"domain": "UPDATE_REPLACE"}, False)


def test_whoever_adopts_a_secret_keeps_it(flyte: Plugin, other_stack: Plugin, world: World) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    other_stack.create(SECRET, "mine", {**KEY, "adopt": True, "value": Secret("theirs")})
    assert not markers(world)
    with pytest.raises(PluginError, match="taken over by shop/prod/…::mine"):
        flyte.update(SECRET, "key", id, outputs, outputs, {**KEY, "value": Secret("ours")})
    flyte.delete(SECRET, "key", id, outputs)
    assert world.secrets[KEPT] == "theirs"
    flyte.update(SECRET, "key", id, outputs, outputs, {**KEY, "value": Secret("ours"), "adopt": True})
    assert world.secrets[KEPT] == "ours"


def test_what_was_referred_to_is_not_taken_over_by_giving_it_a_value(flyte: Plugin, world: World) -> None:
    world.secrets[KEPT] = "theirs"
    reference = {"name": "api-key", "existing": True}
    id, outputs = flyte.create(SECRET, "key", reference)
    old = flyte.check(SECRET, "key", reference)
    with pytest.raises(PluginError, match=r"(?s)is not managed by Pulumi.*adopt=true"):
        flyte.update(SECRET, "key", id, old, outputs, KEY)
    assert world.secrets == {KEPT: "theirs"}, "neither changed nor marked"
    flyte.update(SECRET, "key", id, old, outputs, {**KEY, "adopt": True})
    assert world.secrets[KEPT] == "c4n4ry"


def test_a_reference_becomes_a_secret_where_there_is_none(flyte: Plugin, world: World) -> None:
    world.secrets[KEPT] = "theirs"
    reference = {"name": "api-key", "existing": True}
    id, outputs = flyte.create(SECRET, "key", reference)
    old = flyte.check(SECRET, "key", reference)
    world.secrets.clear()
    outputs = flyte.update(SECRET, "key", id, old, outputs, KEY)
    flyte.update(SECRET, "key", id, old, outputs, {**KEY, "value": Secret("again")})
    assert world.secrets[KEPT] == "again", "an interrupted change is finished"
    flyte.delete(SECRET, "key", id, outputs)
    assert world.secrets == {}


def test_a_move_without_aliases_is_refused_and_says_what_to_do(flyte: Plugin, next_run: Plugin, world: World) -> None:
    flyte.create(f"flyte:index:Secret${SECRET}", "key", KEY)
    with pytest.raises(PluginError, match="moved to another parent, name it in `aliases`"):
        next_run.create(SECRET, "key", KEY)
    assert world.secrets[KEPT] == "c4n4ry"


def test_an_imported_secret_is_referred_to_and_passes_check(flyte: Plugin, world: World) -> None:
    world.secrets[KEPT] = "theirs"
    id, inputs, outputs = flyte.read(SECRET, "key", "shop/development/api-key")
    assert flyte.check(SECRET, "key", inputs) == inputs, "else Pulumi calls it a bug in the provider"
    assert (inputs["existing"], outputs["version"]) == (True, "existing")
    declared = {"name": "api-key", "existing": True}
    assert not flyte.diff(SECRET, "key", id, inputs, outputs, declared).changed
    assert flyte.read(SECRET, "key", id, inputs, outputs) == (id, inputs, outputs), "a refresh changes nothing"
    with pytest.raises(PluginError, match="adopt=true"):
        flyte.update(SECRET, "key", id, inputs, outputs, KEY)
    flyte.delete(SECRET, "key", id, outputs)
    assert world.secrets == {KEPT: "theirs"}
    flyte.update(SECRET, "key", id, inputs, outputs, {**KEY, "adopt": True})
    assert world.secrets[KEPT] == "c4n4ry"


def test_our_own_secret_that_state_lost_is_ours_after_an_import(flyte: Plugin, world: World) -> None:
    flyte.create(SECRET, "key", KEY)
    id, inputs, outputs = flyte.read(SECRET, "key", "shop/development/api-key")
    after = flyte.update(SECRET, "key", id, inputs, outputs, {**KEY, "value": Secret("again")})
    assert world.secrets[KEPT] == "again"
    flyte.delete(SECRET, "key", id, after)
    assert world.secrets == {}


def test_a_namesake_in_a_narrower_scope_says_nothing_about_this_one(flyte: Plugin, world: World) -> None:
    """Flyte OSS lists the secrets of narrower scopes as well, marks among them."""
    flyte.create(SECRET, "key", KEY)
    world.secrets[("", "", "api-key")] = "somebody's"
    id, inputs, _ = flyte.read(SECRET, "other", "api-key")
    assert (id, inputs["existing"]) == ("api-key", True)
    flyte.create(SECRET, "other", {**KEY, "project": "", "domain": "", "adopt": True})
    assert markers(world), "taking over one takes nothing from the other"


def test_deleting_what_was_replaced_leaves_the_secret_that_replaced_it(flyte: Plugin, world: World) -> None:
    id, old = flyte.create(SECRET, "key", KEY)
    same_id, new = flyte.create(SECRET, "key", {**KEY, "value": Secret("again")})
    assert same_id == id
    assert len(markers(world)) == 1
    flyte.delete(SECRET, "key", id, old)
    assert world.secrets[KEPT] == "again"
    flyte.delete(SECRET, "key", id, new)
    assert world.secrets == {}


def test_a_state_from_before_secrets_knew_their_creation_is_updated_and_deleted(flyte: Plugin, world: World) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    del outputs["creation"], world.secrets[markers(world)[0]]
    world.secrets[MARKED] = "marker"
    after = flyte.update(SECRET, "key", id, flyte.check(SECRET, "key", KEY), outputs, KEY)
    assert markers(world) == [MARKED]
    flyte.delete(SECRET, "key", id, after)
    assert world.secrets == {}
