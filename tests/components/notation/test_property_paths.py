from __future__ import annotations

import pytest
from pulumi_flyte.notation.property_paths import PathEndError, follow, parts_of, value_at

DOCUMENT: dict[str, object] = {"env": {"a.b": 1, "x": None}, "secrets": [{"key": "k"}, "text"], "port": 80}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ('env["a.b"]', 1),
        ("env.x", None),
        ("secrets[0].key", "k"),
        ("secrets.1", "text"),
        ("port", 80),
        ("", DOCUMENT),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object) -> None:
    assert follow(DOCUMENT, path) == value_at(DOCUMENT, path) == value


@pytest.mark.parametrize(
    ("path", "reached", "reason"),
    [
        ("prt", "", "it has no 'prt': did you mean 'port'?"),
        ("env.other", "env", "env has no 'other'; known: a.b, x"),
        ("secrets[0].kye", "secrets[0]", r"secrets[0] has no 'kye': did you mean 'key'?"),
        ("secrets[2]", "secrets", "there is nothing below 'secrets', which is [{'key': 'k'}, 'text']"),
        ("port.x", "port", "there is nothing below 'port', which is 80"),
        ("secrets[1][0]", "secrets[1]", "there is nothing below 'secrets[1]', which is 'text'"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, reached: str, reason: str) -> None:
    with pytest.raises(PathEndError) as end:
        follow(DOCUMENT, path)
    assert (end.value.reached, str(end.value)) == (reached, reason)
    assert value_at(DOCUMENT, path) is None


def test_parts_are_keys_and_numbers() -> None:
    assert parts_of('spec.containers[0].env["a.b"]') == ("spec", "containers", "0", "env", "a.b")
