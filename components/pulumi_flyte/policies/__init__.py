"""Policies: rules about what a preview holds, for `pulumi-flyte diff --policies` and as a policy pack of Pulumi.

policies = builtin_policies(severity={"image-by-content": "mandatory"})
"""

from pulumi_flyte.policies.builtin import BUILTIN
from pulumi_flyte.policies.policy_set import Exemption, PolicySet, builtin_policies
from pulumi_flyte.policies.resource import Container, Resource
from pulumi_flyte.policies.rule import Finding, PolicyError, Rule, Severity, Violation, rule

__all__ = [
    "BUILTIN",
    "Container",
    "Exemption",
    "Finding",
    "PolicyError",
    "PolicySet",
    "Resource",
    "Rule",
    "Severity",
    "Violation",
    "builtin_policies",
    "rule",
]
