"""The JSON of a report follows its published schema, and reads back as the same report."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from pulumi_flyte_review.model.preview import Diagnostic, PolicyViolation
from pulumi_flyte_review.model.reason import (
    ArgumentReason,
    ConfigurationReason,
    DriftReason,
    FileReason,
    PackageReason,
    PropertyReason,
    Reason,
    SecretReason,
    UpstreamReason,
)
from pulumi_flyte_review.model.report import (
    Change,
    Connection,
    ContractBreak,
    Edge,
    Graph,
    Node,
    Reachability,
    Report,
)
from pulumi_flyte_review.rendering.documents import json_text, report_from_json, schema

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "review.schema.json").read_text())
REASONS: tuple[Reason, ...] = (
    FileReason("backend.py", "update"),
    ArgumentReason("scaling.replicas", [0, 2], {"a": 1.5}),
    ArgumentReason("env.DSN", "[secret]", "[secret]", secret=True),
    ConfigurationReason("shop:replicas"),
    ConfigurationReason("shop:key", secret=True),
    UpstreamReason("task resize", "version"),
    SecretReason("api-key"),
    PackageReason("six", None, "1.17.0"),
    DriftReason("active", True, False),
    PropertyReason("port", "flyte:api:App web", 1, 2),
)
FULL = Report(
    "shop",
    "dev",
    changes=(
        Change("app", "web", "urn:web", "replace", REASONS, True, ("name",), ("urn:web", "urn:child"), ("app front",)),
    ),
    reachability=Reachability((Connection("app a", "app b", "8080"),), (Connection("the internet", "app b", "443"),)),
    contracts=(ContractBreak("app a", "app b", "GET /", "it is gone", "a.py", 3),),
    unchecked=("the method is computed",),
    others={"create": ("aws:s3:Bucket logs",)},
    graph=Graph((Node("app", "a", "same"), Node("app", "b", "update")), (Edge("app a", "app b", "add"),)),
    diagnostics=(Diagnostic("warning", "careful", "urn:web"),),
    policies=(PolicyViolation("team", "no-public", "web is public", True, None),),
    token="r1.abc",
)


def test_the_published_schema_is_that_of_the_declarations() -> None:
    """`make docs` writes it."""
    assert schema() == SCHEMA
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", [FULL, Report("shop", "dev"), Report("shop", "dev", drift=True)])
def test_a_report_follows_the_schema_and_reads_back(report: Report) -> None:
    text = json_text(report)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert report_from_json(text) == report


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "goldens").glob("*.json")), ids=lambda path: path.stem)
def test_the_documents_of_real_previews_follow_the_schema(path: Path) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(path.read_text()))


def test_a_document_that_says_more_is_refused_by_the_schema() -> None:
    document = {**json.loads(json_text(FULL)), "more": 1}
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(document))
