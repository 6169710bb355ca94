"""An invalid source gives an error that describes a valid one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi_flyte.errors import SourceError
from pulumi_flyte.source.location import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app.py", 'write "file.py:attribute"'),
        (":app", 'write "file.py:attribute"'),
        ("ap.py:app", "did you mean 'app.py'?"),
        ("app.js:app", "a source is a Python file"),
    ],
)
def test_what_is_no_source_says_what_one_is(folder: Path, text: str, expected: str) -> None:
    (folder / "app.py").write_text("")
    with pytest.raises(SourceError) as caught:
        parse(text, folder)
    assert expected in str(caught.value)
