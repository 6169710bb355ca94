"""`pulumi-flyte diff --policies` on the real engine."""

from __future__ import annotations

from tests.e2e.harness import Stack
from tests.review.e2e.command import pulumi_flyte, reviewed

PROGRAM = """
import pulumi
from pulumi_flyte import App, Environment, Secret

shop = Environment("shop")
key = Secret("key", environment=shop, value="hunter2-hunter2")
other = Secret("other", environment=shop, value=pulumi.Config().require_secret("other"))
App("web", environment=shop, image="web", source="web.py:app", public=True, env={"API_TOKEN": "visible"},
    secrets={"KEY": key, "OTHER": other})
"""
WEB = "from fastapi import FastAPI\n\napp = FastAPI()\n"
POLICIES = """
from pulumi_flyte.policies import Exemption, Finding, builtin_policies, rule

@rule("team-in-name", "A name begins with the team's.", remedy="rename it")
def team_in_name(resource):
    if resource.type == "flyte:index:App" and not resource.name.startswith("team-"):
        yield Finding("", f"{resource.name!r} names no team")

policies = builtin_policies(
    rules=[team_in_name],
    severity={"memory-limit": "off"},
    exemptions=[Exemption("no-latest-tag", "web", reason="the image of a demo")],
)
"""


def test_rules_are_checked_in_the_report(stack: Stack) -> None:
    """One story, since each step takes a run of the engine."""
    stack.write({"__main__.py": PROGRAM, "rules/policies.py": POLICIES, "wrong.py": "x = 1", "web.py": WEB})
    stack.init()
    stack.configure({"other": "a-value"}, secret=True)
    report = reviewed(stack, "--policies", "builtin")
    assert {(each["policy"], each["mandatory"], each["urn"].rpartition("::")[2]) for each in report["policies"]} == {
        ("public-app-needs-auth", True, "web"),
        ("secret-from-configuration", True, "key"),
        ("no-secret-in-env", True, "web"),
        ("no-latest-tag", True, "web"),
        ("image-by-content", False, "web"),
        ("memory-limit", False, "web"),
    }
    assert "hunter2" not in str(report["policies"])

    stack.deployed()  # what stays as it is is checked as well
    review = pulumi_flyte(stack, "diff", "--stack", stack.name, "--policies", "rules", "--fail-on", "policy")
    assert review.code == 3, review.errors
    assert "team-in-name" in review.output
    assert "App web: 'web' names no team: rename it" in review.output
    assert "no-latest-tag" not in review.output

    wrong = pulumi_flyte(stack, "diff", "--stack", stack.name, "--policies", "wrong.py")
    assert (wrong.code, wrong.output) == (1, "")
    assert wrong.errors.startswith("error: --policies wrong.py: it has no `policies = builtin_policies(…)`")
    assert stack.destroy().code == 0
