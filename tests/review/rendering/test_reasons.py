"""Reasons in words."""

from __future__ import annotations

import pytest
from pulumi_flyte.notation.engine_marks import SECRET
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
from pulumi_flyte_review.model.report import Change
from pulumi_flyte_review.rendering.causes import Causes
from pulumi_flyte_review.rendering.reasons import because

from tests.review.rendering.words import words


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (FileReason("a.py", "add"), "`a.py` added"),
        (FileReason("a.py", "delete"), "`a.py` removed"),
        (ArgumentReason("retries", 1, 3), "`retries`: `1` → `3`"),
        (ArgumentReason("retries", None, 3), "`retries` is set to `3`"),
        (ArgumentReason("retries", 1, None), "`retries` is no longer set (it was `1`)"),
        (ArgumentReason("env.K", SECRET, SECRET, secret=True), "`env.K` is another secret value"),
        (ArgumentReason("env.K", None, SECRET, secret=True), "`env.K` is set to a secret value"),
        (ArgumentReason("env.K", SECRET, None, secret=True), "`env.K` is no longer set"),
        (ArgumentReason("command", None, ["x" * 100]), f'`command` is set to `["{"x" * 57}…`'),
        (ConfigurationReason("shop:level"), "configuration `shop:level` changed"),
        (UpstreamReason("secret key", "version"), "secret `key` gets another value"),
        (SecretReason("key"), "it has another value"),
        (PackageReason("six", None, "1.17"), "package `six 1.17` is added"),
        (PackageReason("six", "1.16", "1.17"), "package `six`: `1.16` → `1.17`"),
        (PackageReason("six", "1.16", None), "package `six 1.16` is removed"),
        (DriftReason("", None, None), "it was deleted outside of Pulumi"),
        (DriftReason("active", None, False), "`active` was set to `false` outside of Pulumi"),
        (DriftReason("active", True, False), "`active`: `true` → `false` outside of Pulumi"),
        (PropertyReason("port", "App web", 1, 2), "`App web`: `port`: `1` → `2`"),
        (PropertyReason("status", "App web", None, None), "`App web`: `status` changes"),
    ],
)
def test_a_reason_reads_as_a_sentence(reason: Reason, text: str) -> None:
    assert words(because(reason, Causes())) == text


def test_a_chain_is_told_to_its_end() -> None:
    environment = Change("environment", "shop", "e", "update", (ConfigurationReason("flyte:domain"),))
    task = Change("task", "resize", "t", "update", (UpstreamReason("environment shop", "settings"),))
    reason = UpstreamReason("task resize", "version")
    links = words(because(reason, Causes([environment, task]))).split(" ← ")
    assert links == [
        "task `resize` gets a new version",
        "environment `shop` has other settings",
        "configuration `flyte:domain` changed",
    ]


def test_other_credentials_come_from_what_decides_them_and_not_from_a_file() -> None:
    reasons = (FileReason("api.py", "update"), ArgumentReason("auth_rotation", None, "may"))
    causes = Causes([Change("app", "api", "a", "update", reasons)])
    sentence = words(because(UpstreamReason("app api", "credential"), causes))
    assert sentence.endswith("← `auth_rotation` is set to `may`")
