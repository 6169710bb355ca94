"""A process receives exactly the elements of its command, through Kubernetes, `fserve` and a shell."""

from __future__ import annotations

import re
import subprocess

import pytest
from flyte_runtime.contract import Identity
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pulumi_flyte.platforms.flyte_api.entrypoint import with_bundle

IDENTITY = Identity(kind="app", project="shop", domain="development", name="web")
PRINT = ["printf", r"%s\0"]
# A process takes no NUL and no half of a pair.
ARGUMENTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12))


def arguments_of(command: list[str]) -> list[str]:
    """Return the arguments of the process: replace as Kubernetes and fserve do, then run the joined line in a shell."""
    carried = [str(element) for element in with_bundle(command, IDENTITY)]
    container = [re.sub(r"\$\$|\$\((HOME|X)\)", "replaced", element) for element in carried]
    line = container[container.index("--") + 1 :]
    assert not [element for element in line if element.startswith("$")]
    printed = subprocess.run(["sh", "-c", " ".join(line)], check=True, stdout=subprocess.PIPE).stdout
    return printed.decode().split("\0")[:-1]


@example(["hello world", "Sales & Marketing", "it's", '"q"', "*", "a;b", ""])
@example(["$HOME", "$(X)", "$$(X)", "$$", "a$", "$'", "'$(HOME)'", "`id`", "$(id)", "--name=$(X)", "${HOME}"])
@example(["--", "-p", "--help", "~", "#", "!", "a\nb", "\\", "\\\\'", "{a,b}", "\t", " ", "<", "é", "A=b", "%s"])
@settings(max_examples=60, deadline=None)
@given(ARGUMENTS)
def test_each_element_of_a_command_is_one_argument(arguments: list[str]) -> None:
    assert arguments_of([*PRINT, *arguments]) == (arguments or [""])


@pytest.mark.parametrize(
    "argument", ["serve.py", "--port", "8080", "--port=8080", "backend:app", "/a/b-c_d.py", "0.0.0.0:1"]
)
def test_a_plain_argument_stays_as_it_is(argument: str) -> None:
    assert with_bundle([argument], IDENTITY)[-1] == argument
