from __future__ import annotations

from flyte_local.tasks.templating import render
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)


def test_known_templates_are_replaced_wherever_they_stand() -> None:
    values = {"input": "file:///a/inputs.pb", "inputs.n": "3"}
    arguments = ["--inputs", "{{.input}}", "x={{ .input }};n={{.inputs.n}}", "{{.other}}", "{{input}}"]
    assert render(arguments, values) == [
        "--inputs",
        "file:///a/inputs.pb",
        "x=file:///a/inputs.pb;n=3",
        "{{.other}}",
        "{{input}}",
    ]


@given(st.lists(st.text()), st.dictionaries(NAMES, st.text()))
def test_text_without_templates_is_untouched(arguments: list[str], values: dict[str, str]) -> None:
    plain = [argument.replace("{{", "") for argument in arguments]
    assert render(plain, values) == plain


@given(NAMES, st.text(), st.text(), st.text())
def test_a_value_is_inserted_as_it_is(name: str, value: str, before: str, after: str) -> None:
    """Also where it looks like a template itself, or like a back-reference of a regular expression."""
    before, after = before.replace("{", "").replace("}", ""), after.replace("{", "").replace("}", "")
    assert render([before + "{{." + name + "}}" + after], {name: value}) == [before + value + after]


@given(NAMES, NAMES)
def test_values_are_not_read_again(first: str, second: str) -> None:
    values = {first: "{{." + second + "}}", second: "secret"} if first != second else {first: "{{." + first + "}}"}
    assert render(["{{." + first + "}}"], values) == ["{{." + second + "}}"]
