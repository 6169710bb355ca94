"""The tag of a build context: a function of content alone, of all content."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.images.context import BuildContext, ContextFile

CONTENTS = st.dictionaries(
    st.from_regex(r"[a-z]{1,6}(/[a-z]{1,6}){0,2}\.py", fullmatch=True),
    st.builds(ContextFile, st.binary(max_size=40), st.booleans()),
    min_size=1,
    max_size=6,
)
CONTEXTS = st.builds(
    BuildContext,
    st.text(max_size=80),
    CONTENTS,
    st.sampled_from([(), ("linux/amd64",), ("linux/amd64", "linux/arm64")]),
)


@given(CONTEXTS, st.randoms(use_true_random=False))
def test_the_order_of_files_and_platforms_does_not_count(context: BuildContext, order: random.Random) -> None:
    files, platforms = list(context.files.items()), list(context.platforms)
    order.shuffle(files)
    order.shuffle(platforms)
    assert replace(context, files=dict(files), platforms=tuple(platforms)).tag == context.tag


@given(CONTEXTS, st.data())
def test_each_byte_of_a_file_counts(context: BuildContext, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(context.files)))
    content = bytearray(context.files[path].content + b".")
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    for changed in (
        ContextFile(bytes(content), context.files[path].executable),
        ContextFile(context.files[path].content, not context.files[path].executable),
    ):
        assert replace(context, files={**context.files, path: changed}).tag != context.tag


@given(CONTEXTS, st.data())
def test_each_character_of_the_dockerfile_counts(context: BuildContext, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(context.dockerfile)))
    added = data.draw(st.characters(exclude_categories=["Cs"]))
    dockerfile = context.dockerfile[:position] + added + context.dockerfile[position:]
    assert replace(context, dockerfile=dockerfile).tag != context.tag


@given(CONTEXTS)
def test_names_and_platforms_count(context: BuildContext) -> None:
    path, *_ = sorted(context.files)
    renamed = {**context.files, f"{path}x": context.files[path]}
    del renamed[path]
    assert replace(context, files=renamed).tag != context.tag
    assert replace(context, platforms=(*context.platforms, "linux/riscv64")).tag != context.tag


def test_what_is_equal_when_joined_is_told_apart() -> None:
    one = BuildContext("FROM a", {"a": ContextFile(b"bc")})
    other = BuildContext("FROM a", {"ab": ContextFile(b"c")})
    assert one.tag != other.tag


def test_a_tag_is_a_tag_of_a_reference() -> None:
    assert BuildContext("FROM a").tag.isalnum()
    assert len(BuildContext("FROM a").tag) == 20
