from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_flyte_review.comments.body import compose, is_ours, parse, shortened
from pulumi_flyte_review.comments.dialect import BITBUCKET, GITHUB, GITLAB, Dialect
from pulumi_flyte_review.comments.pull_request import Job
from pulumi_flyte_review.comments.reporting import section_of
from pulumi_flyte_review.comments.section import Revision, Section, newest
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.rendering.cutting import unnamed

from tests.review.reports import large_report, reports

DIALECTS = (GITHUB, GITLAB, BITBUCKET)
dialects = st.sampled_from(DIALECTS)
JOB = Job(run=7, attempt=1, link="https://ci.example/jobs/7", commit="0123456789abcdef")


def sections_of(all_reports: list[Report], dialect: Dialect) -> dict[str, Section]:
    sections = [section_of(report, JOB, dialect, time=1) for report in all_reports]
    return {section.key: section for section in sorted(sections, key=lambda section: section.key)}


@settings(max_examples=15)
@given(st.lists(reports(), max_size=4), dialects, st.integers(500, 5000))
def test_comment_is_read_as_it_was_written(all_reports: list[Report], dialect: Dialect, limit: int) -> None:
    dialect = replace(dialect, limit=limit)
    sections = sections_of(all_reports, dialect)
    text = compose(sections, dialect)
    assert is_ours(text, dialect)
    assert parse(text, dialect) == shortened(sections, dialect)
    assert compose(parse(text, dialect), dialect) == text


@settings(max_examples=15)
@given(st.lists(reports(), max_size=3), dialects)
def test_line_ends_of_windows_change_nothing(all_reports: list[Report], dialect: Dialect) -> None:
    text = compose(sections_of(all_reports, dialect), dialect)
    assert parse(text.replace("\n", "\r\n"), dialect) == parse(text, dialect)


@settings(max_examples=15)
@given(reports(), dialects)
def test_report_cannot_pass_for_another_section(report: Report, dialect: Dialect) -> None:
    forged = compose({"shop/production": Section("shop/production", Revision(999, 9, 9), ())}, dialect)
    hostile = replace(report, stack=f"x\n{forged}\n", unchecked=(forged,))
    section = section_of(hostile, JOB, dialect, time=1)
    assert list(parse(compose({section.key: section}, dialect), dialect)) == [section.key]


@settings(max_examples=15)
@given(reports())
def test_report_gives_gitlab_no_commands(report: Report) -> None:
    text = compose(sections_of([report], GITLAB), GITLAB)
    assert not [line for line in text.split("\n") if line.lstrip().startswith("/")]


@settings(max_examples=15)
@given(st.text(max_size=300), st.data())
def test_comment_that_people_changed_is_read_as_far_as_possible(noise: str, data: st.DataObject) -> None:
    text = compose(sections_of([data.draw(reports())], GITHUB), GITHUB)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    parse(text[:start] + noise + text[end:], GITHUB)


@settings(max_examples=15)
@given(reports())
def test_bitbucket_gets_no_html(report: Report) -> None:
    section = section_of(report, JOB, BITBUCKET, time=1)
    assert not [passage for passage in section.passages if "<details>" in passage.text]


def test_title_of_a_section_changes_no_command() -> None:
    report = Report("shop", "prod", changes=(Change("app", "web", "urn", "update"),), token="r1.x")
    section = section_of(report, JOB, GITHUB, time=1, title="prod in Europe")
    text = compose({section.key: section}, GITHUB)
    assert section.key == "shop/prod in Europe"
    assert "### `shop/prod in Europe`: updates 1" in text
    assert "`pulumi-flyte up --stack prod --reviewed r1.x` applies exactly this" in text


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_thousand_changed_apps_fit_and_every_loss_is_named(dialect: Dialect) -> None:
    report = large_report()
    section = section_of(report, JOB, dialect, time=1)
    text = compose({section.key: section}, dialect)
    assert dialect.measure(text) <= dialect.limit
    assert "deletes 100, replaces 50, updates 850" in text
    for change in report.changes:
        assert change.operation == "update" or f"`{change.name}`" in text
    for bucket in report.others["delete"]:
        assert f"`{bucket}`" in text
    assert JOB.link is not None
    assert JOB.link in text


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_eight_large_stacks_share_a_comment(dialect: Dialect) -> None:
    sections = sections_of([large_report(f"stack-{n}", deleted=10, edges=1000) for n in range(8)], dialect)
    text = compose(sections, dialect)
    assert dialect.measure(text) <= dialect.limit
    for key, section in shortened(sections, dialect).items():
        assert unnamed(section.passages) == 0, key
    one_by_one: dict[str, Section] = {}
    for key in reversed(sections):
        one_by_one = parse(compose(newest([*one_by_one.values(), sections[key]]), dialect), dialect)
    assert compose(one_by_one, dialect) == text


def test_losses_that_do_not_fit_are_counted() -> None:
    section = section_of(large_report(deleted=1000), JOB, BITBUCKET, time=1)
    text = compose({section.key: section}, BITBUCKET)
    shown = sum(f"`{change.name}`" in text for change in large_report().changes)
    assert len(text) <= BITBUCKET.limit
    assert "**deletes 1,000 apps**" in text
    assert f"Not shown for lack of room: {1000 - shown:,} deletions of apps by name" in text
    assert unnamed(shortened({section.key: section}, BITBUCKET)[section.key].passages) >= 1000 - shown > 0
