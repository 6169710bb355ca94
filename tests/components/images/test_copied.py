"""The files of its context that a Dockerfile copies."""

from __future__ import annotations

import pytest
from pulumi_flyte.images.copied import copied_patterns, matching


@pytest.mark.parametrize(
    ("dockerfile", "patterns"),
    [
        ("FROM a\nRUN pip install x", []),
        ("COPY a.txt b.txt /there/", ["a.txt", "b.txt"]),
        ('COPY ["a b.txt", "/there/"]', ["a b.txt"]),
        ("copy --chown=1:1 --chmod=644 ./src/ /srv", ["src"]),
        ("COPY --from=build /out /out", []),
        ("ADD https://example.com/x.tgz local.tgz /x/", ["local.tgz"]),
        ("ADD git@example.com:a/b.git /x", []),
        ("COPY . .", ["."]),
        ("COPY $WHAT /there", ["."]),
        ("COPY /abs /there", ["abs"]),
        ("COPY a \\\n  # between\n  b \\\n  /there", ["a", "b"]),
        ("COPY <<EOF /x\nCOPY no /no\nEOF\nCOPY yes /yes", ["yes"]),
        ("RUN <<-'END'\n  COPY no /no\n  END\nCOPY yes /yes", ["yes"]),
        ("RUN --mount=type=bind,source=req.txt,target=/r pip install -r /r", ["req.txt"]),
        ("RUN --mount=type=bind,from=x,source=req.txt,target=/r true", []),
        ("RUN --mount=type=bind,target=. true", ["."]),
        ("RUN --mount=type=cache,target=/root/.cache true", []),
        ("# COPY no /no", []),
        ("RUN echo $((1<<2)) && cat <<<EOF\nCOPY yes /yes", ["yes"]),
    ],
)
def test_the_sources_of_instructions_are_named(dockerfile: str, patterns: list[str]) -> None:
    assert copied_patterns(dockerfile) == patterns


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (["."], ["a.py", "src/a.py", "src/deep/b.txt"]),
        (["src"], ["src/a.py", "src/deep/b.txt"]),
        (["*.py"], ["a.py"]),
        (["src/*/b.txt"], ["src/deep/b.txt"]),
        ([], []),
    ],
)
def test_a_pattern_takes_a_file_or_what_is_in_a_folder(patterns: list[str], names: list[str]) -> None:
    assert list(matching(patterns, ["a.py", "src/a.py", "src/deep/b.txt"])) == names
