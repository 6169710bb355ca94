from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_flyte_review.model.reason import UpstreamReason
from pulumi_flyte_review.model.report import Change, Report
from pulumi_flyte_review.rendering.documents import ReportError, json_text, report_from_json
from pulumi_flyte_review.rendering.markdown import markdown

from tests.review.reports import reports


@given(reports())
def test_report_is_read_as_it_was_written(report: Report) -> None:
    assert report_from_json(json_text(report)) == report


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the text"),
        ("[]", "the text"),
        ("{}", "format"),
        ('{"format": 2, "project": "shop", "stack": "dev"}', "format"),
        ('{"format": 1, "project": "shop", "stack": ""}', "stack"),
        ('{"format": 1, "project": "shop", "stack": "dev", "token": "x`<script>"}', "token"),
        (
            '{"format": 1, "project": "shop", "stack": "dev", "changes": [{"type": "app", "name": "a", "urn": "u"}]}',
            "changes.0.op",
        ),
    ],
)
def test_file_that_is_no_report_is_refused_with_the_place(text: str, place: str) -> None:
    with pytest.raises(ReportError, match=rf"not a report of `pulumi-flyte diff --format json`: {place}:"):
        report_from_json(text)


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused_in_one_line(text: bytes) -> None:
    with pytest.raises(ReportError, match=r"\A[^\n]*\Z"):
        report_from_json(text)


def test_reasons_that_lead_in_a_circle_are_told_in_a_finite_text() -> None:
    changes = (
        Change("app", "a", "urn:a", "update", (UpstreamReason("app b", "version"),)),
        Change("app", "b", "urn:b", "update", (UpstreamReason("app a", "version"),)),
    )
    text = markdown(report_from_json(json_text(Report("shop", "dev", changes=changes))))
    assert text.count("← …") == 2
