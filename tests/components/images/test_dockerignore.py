"""`.dockerignore`, by the examples of Docker's documentation and of moby/patternmatcher."""

from __future__ import annotations

import pytest
from pulumi_flyte.images.dockerignore import IgnoreRules


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        ("*/temp*", "somedir/temporary.txt", True),
        ("*/temp*", "somedir/temp/inside", True),
        ("*/temp*", "temporary.txt", False),
        ("*/*/temp*", "somedir/subdir/temporary.txt", True),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("**/*.go", "a/b/c.go", True),
        ("**/*.go", "c.go", True),
        ("*.md\n!README.md", "README.md", False),
        ("*.md\n!README.md", "OTHER.md", True),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
        ("*.md\n!README*.md\nREADME-secret.md", "README-x.md", False),
        ("# comment\n\n  build/  ", "build/x/y", True),
        ("/build", "build/x", True),
        ("./build", "build", True),
        ("build", "src/build", False),
        ("**/build", "src/build/x", True),
        ("a/**/z", "a/b/c/z", True),
        ("a/**/z", "a/z", True),
        ("[ab].py", "a.py", True),
        ("[ab].py", "c.py", False),
        (r"\*.py", "*.py", True),
        (r"\*.py", "a.py", False),
        ("*\n!keep", "keep/file", False),
        ("*\n!keep", "other/file", True),
        ("a[", "a[", True),
        ("[z-a].py", "b.py", False),
        ("", "anything", False),
    ],
)
def test_a_path_is_ignored_as_docker_ignores_it(text: str, path: str, ignored: bool) -> None:
    assert IgnoreRules.parse(text).ignores(path) is ignored
