"""A stack's configuration without its passphrase."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from pulumi_flyte.notation.engine_marks import SECRET
from pulumi_flyte_review.engine.configuration import (
    Configuration,
    placeholder,
    read_ciphertexts,
    read_configuration,
    stack_file,
)
from pulumi_flyte_review.engine.project import read_project


def configuration(tmp_path: Path, project: str, stack: str = "") -> Configuration:
    (tmp_path / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{project}")
    (tmp_path / "Pulumi.dev.yaml").write_text(stack)
    read = read_project(tmp_path)
    assert read is not None
    return read_configuration(read, stack_file(read, "dev"))


def test_values_are_the_texts_that_pulumi_hands_to_a_program(tmp_path: Path) -> None:
    stack = "config:\n  port: 8480\n  shop:debug: true\n  name: web\n  flyte:labels: {a: 1, b: [x]}\n"
    assert dict(configuration(tmp_path, "", stack).values) == {
        "shop:port": "8480",
        "shop:debug": "true",
        "shop:name": "web",
        "flyte:labels": '{"a":1,"b":["x"]}',
    }


def test_the_stacks_values_win_over_the_projects(tmp_path: Path) -> None:
    project = "config:\n  flyte:platform: {value: local}\n  size: {type: integer, default: 3}\n  name: {type: string}\n"
    values = configuration(tmp_path, project, "config:\n  size: 4\n").values
    assert dict(values) == {"flyte:platform": "local", "shop:size": "4"}


def test_a_secret_has_a_placeholder_that_depends_on_its_ciphertext_alone(tmp_path: Path) -> None:
    stack = "encryptionsalt: v1:x\nconfig:\n  key:\n    secure: v1:abc\n  other:\n    secure: v1:abc\n"
    first = configuration(tmp_path, "", stack)
    assert first.secret_keys == {"shop:key", "shop:other"}
    assert first.values == configuration(tmp_path, "", stack).values
    assert first.values["shop:key"] != configuration(tmp_path, "", stack.replace("abc", "abd")).values["shop:key"]
    assert first.values["shop:key"] != first.values["shop:other"]
    assert first.masked == {"shop:key": SECRET, "shop:other": SECRET}


def test_a_secret_inside_an_object_makes_the_whole_value_secret(tmp_path: Path) -> None:
    values = configuration(tmp_path, "", "config:\n  db: {user: app, password: {secure: v1:abc}}\n")
    assert values.secret_keys == {"shop:db"}
    assert json.loads(values.values["shop:db"])["user"] == "app"
    assert "v1:abc" not in values.values["shop:db"]


def test_programs_can_read_a_placeholder_as_what_they_expect() -> None:
    for number in range(200):
        text = placeholder("shop:key", f"v1:{number}")
        assert json.loads(text) == int(text)
        assert bytes.fromhex(text)
        assert base64.b64decode(text, validate=True)
    parts = base64.b64decode(placeholder("flyte:containerApiKey", "v1:x")).decode().split(":", 3)
    assert len(parts) == 4


def test_ciphertexts_are_those_of_the_secrets_alone(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: {name: nodejs}\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  key: {secure: v1:abc}\n  port: 1\n")
    project = read_project(tmp_path)
    assert project is not None
    assert read_ciphertexts(project, stack_file(project, "dev")) == {"shop:key": '{"secure": "v1:abc"}'}
