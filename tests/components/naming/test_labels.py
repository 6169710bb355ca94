"""Labels of DNS that are made of other texts."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte.naming.labels import label_of, with_digest

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@given(st.text(max_size=80), st.text(max_size=80), st.integers(12, 63))
def test_every_text_has_a_label_and_no_two_texts_have_one(text: str, other: str, longest: int) -> None:
    labels = [label_of(each, each, longest) for each in (text, other)]
    assert all(LABEL.fullmatch(label) and len(label) <= longest for label in labels)
    assert (labels[0] == labels[1]) == (text == other)


@given(st.from_regex(LABEL, fullmatch=True).filter(lambda text: "--" not in text))
def test_a_label_stays_as_it_is(text: str) -> None:
    assert label_of(text, "identity", len(text)) == text


def test_a_digest_is_of_what_a_name_stands_for() -> None:
    first, second = (with_digest("words.count", identity, 40) for identity in ("shop/words.count", "other/words.count"))
    assert first.startswith("words-count-")
    assert first[:-8] == second[:-8]
    assert first != second
