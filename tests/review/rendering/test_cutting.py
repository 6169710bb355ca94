from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_review.rendering.cutting import Passages, cut, cut_together, size_of, unnamed
from pulumi_flyte_review.rendering.passage import Passage, Rank, Separator, markdown, paragraph

names = st.text(alphabet="abcxyz", min_size=1, max_size=12)


@st.composite
def passage(draw: st.DrawFn) -> Passage:
    separators: tuple[Separator, ...] = ("lines", "commas", "whole")
    separator = draw(st.sampled_from(separators))
    items = draw(st.lists(names, max_size=1 if separator == "whole" else 12))
    return Passage(
        draw(st.sampled_from(list(Rank))),
        draw(st.sampled_from(["updates", "deletions"])),
        head=draw(st.sampled_from(["", "**Updates**", "<details><summary>x</summary>\n"])),
        items=tuple(items),
        tail=draw(st.sampled_from(["", "\n</details>"])) if items else "",
        separator=separator,
    )


passages = st.lists(passage(), max_size=6).map(tuple)
budgets = st.integers(0, 1200)


def counted(passages: Passages) -> int:
    """Return how many items a text shows, and how many it says that it does not."""
    omitted = sum(int(number.replace(",", "")) for number in re.findall(r"lack of room: ([\d,]+)", markdown(passages)))
    return omitted + sum(len(passage.items) for passage in passages)


@given(passages, budgets)
def test_text_fits_in_its_budget_where_the_heads_do(text: Passages, budget: int) -> None:
    bare = size_of(cut(text, 0))  # what is left when everything that can be cut is
    assert size_of(cut(text, budget)) <= max(budget, bare)


@given(passages, budgets)
def test_every_item_is_shown_or_counted(text: Passages, budget: int) -> None:
    assert counted(cut(text, budget)) == counted(text)


@given(passages, budgets, budgets)
def test_cutting_twice_gives_what_cutting_to_the_lesser_gives(text: Passages, one: int, other: int) -> None:
    assert cut(cut(text, max(one, other)), min(one, other)) == cut(text, min(one, other))


@given(passages, budgets)
def test_items_of_a_lower_rank_go_first(text: Passages, budget: int) -> None:
    shortened = cut(text, budget)
    cut_ranks = [passage.rank for passage in shortened if passage.omitted]
    shown_ranks = [passage.rank for passage in shortened if passage.items]
    assert not cut_ranks or not shown_ranks or max(shown_ranks) <= min(cut_ranks)


@given(passages)
def test_text_that_fits_is_not_changed(text: Passages) -> None:
    assert cut(text, size_of(text)) == text


@given(st.dictionaries(names, passages, max_size=6), st.integers(0, 6000))
def test_sections_fit_together_and_name_every_deletion_where_that_fits(
    sections: dict[str, Passages], budget: int
) -> None:
    shortened = cut_together(sections, budget)
    if sum(size_of(without_the_rest(text)) for text in sections.values()) <= budget:
        assert sum(size_of(text) for text in shortened.values()) <= budget
        assert sum(unnamed(text) for text in shortened.values()) == 0
    elif sum(size_of(cut(text, 0)) for text in sections.values()) <= budget:
        assert sum(size_of(text) for text in shortened.values()) <= budget


def without_the_rest(text: Passages) -> Passages:
    return tuple(
        passage
        if passage.rank is Rank.NEVER_CUT or not passage.items
        else replace(passage, items=(), omitted=len(passage.items))
        for passage in text
    )


@given(st.dictionaries(names, passages, min_size=2, max_size=6), st.integers(0, 6000), st.data())
def test_order_in_which_sections_come_does_not_matter(
    sections: dict[str, Passages], budget: int, data: st.DataObject
) -> None:
    comment: dict[str, Passages] = {}
    for name in data.draw(st.permutations(sorted(sections))):
        comment = cut_together({**comment, name: sections[name]}, budget)
    assert comment == cut_together(sections, budget)


def test_cut_text_says_what_it_does_not_show() -> None:
    text = (
        paragraph(Rank.NEVER_CUT, "1 deletion, 3 updates"),
        Passage(Rank.NEVER_CUT, "deletions", head="**Deleted**:", items=("`old`", "`older`"), separator="commas"),
        Passage(Rank.CHANGE, "updates", head="**Updates**", items=tuple(f"- `{name * 30}`" for name in "abc")),
        paragraph(Rank.PICTURE, "```mermaid\ngraph LR\n  a --> b\n  b --> c\n```", noun="graph"),
    )
    assert markdown(cut(text, 200)) == (
        "1 deletion, 3 updates\n\n**Deleted**:\n`old`, `older`\n\n"
        f"**Updates**\n- `{'a' * 30}`\n\n*Not shown for lack of room: 2 updates.*\n\n"
        "*Not shown for lack of room: 1 graph.*\n"
    )
