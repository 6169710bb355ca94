"""A policy pack of Pulumi made of a `PolicySet`. It needs the package `pulumi-policy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_flyte.policies.policy_set import PolicySet
from pulumi_flyte.policies.resource import Resource
from pulumi_flyte.policies.rule import Rule

if TYPE_CHECKING:
    from pulumi_policy import Policy, PolicyPack, ReportViolation, ResourceValidationArgs, StackValidationArgs


def policy_pack(policies: PolicySet, name: str = "pulumi-flyte") -> PolicyPack:
    """Serve rules as a policy pack: the `__main__.py` of the pack's folder calls it."""
    from pulumi_policy import PolicyPack

    return PolicyPack(name, [_policy(policies, rule) for rule in policies.rules if rule.severity != "off"])


def _policy(policies: PolicySet, rule: Rule) -> Policy:
    """Return a rule as a policy of each resource, or of the whole stack if it reads outputs: the engine shows a
    pack the inputs of a component at first, and only its outputs at the end."""
    from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, StackValidationPolicy

    def validate_resource(arguments: ResourceValidationArgs, report: ReportViolation) -> None:
        resource = Resource(arguments.resource_type, arguments.name, arguments.urn, arguments.props)
        for violation in policies.violations_of(rule, resource):
            report(violation.message, violation.urn)

    def validate_stack(arguments: StackValidationArgs, report: ReportViolation) -> None:
        for each in arguments.resources:
            resource = Resource(each.resource_type, each.name, each.urn, {}, each.props)
            for violation in policies.violations_of(rule, resource):
                report(violation.message, violation.urn)

    level = EnforcementLevel.MANDATORY if rule.severity == "mandatory" else EnforcementLevel.ADVISORY
    if rule.reads_outputs:
        return StackValidationPolicy(rule.id, rule.text, validate_stack, level, remediation_steps=rule.remedy)
    return ResourceValidationPolicy(rule.id, rule.text, validate_resource, level, remediation_steps=rule.remedy)
