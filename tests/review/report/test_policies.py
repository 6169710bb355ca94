"""Rules on a preview: what stays is checked too, what goes is not, and each message names its resource."""

from __future__ import annotations

from pulumi_flyte.policies import builtin_policies
from pulumi_flyte_review.model.preview import PolicyViolation, Preview, Snapshot, Step
from pulumi_flyte_review.report.policies import with_policies

URN = "urn:pulumi:dev::shop::flyte:index:App$flyte:api:App::"


def step(name: str, image: str, *, goes: bool = False) -> Step:
    snapshot = Snapshot({"image": image, "resources": {"limits": {"memory": "1Gi"}}})
    if goes:
        return Step(f"{URN}{name}", "flyte:api:App", "delete", before=snapshot)
    return Step(f"{URN}{name}", "flyte:api:App", "same", before=snapshot, after=snapshot)


def test_rules_are_checked_after_the_update() -> None:
    engines = PolicyViolation("other", "rule", "of the engine", mandatory=True)
    digest = "@sha256:" + "a" * 64
    steps = (step("web", "web"), step("old", "old", goes=True), step("good", f"good:1{digest}"))
    checked = with_policies(Preview("shop", "dev", steps, policies=(engines,)), "builtin", builtin_policies())
    assert [(each.policy, each.message.partition(": name")[0]) for each in checked.policies] == [
        ("rule", "of the engine"),
        ("no-latest-tag", "App web: image: 'web' is another image after each push"),
        ("image-by-content", "App web: image: 'web' may become another image: append the digest, as in"
         " name:1.2@sha256:…, or give an Image(…)"),
    ]  # fmt: skip
