"""`PolicySet`: the rules of a team, with their severities and the exemptions from them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi_flyte.policies.builtin import BUILTIN
from pulumi_flyte.policies.evaluation import violations_of
from pulumi_flyte.policies.resource import Resource
from pulumi_flyte.policies.rule import SEVERITIES, PolicyError, Rule, Severity, Violation
from pulumi_flyte.problems import nearest


@dataclass(frozen=True, slots=True)
class Exemption:
    """A resource that a rule does not hold for. name: the Pulumi name of the component, which the resource below
    it has, too. reason: for its readers."""

    rule: str
    name: str
    reason: str


@dataclass(frozen=True)
class PolicySet:
    """The rules of a team, and the exemptions from them. Raises PolicyError with what makes them unusable."""

    rules: Sequence[Rule]
    exemptions: Sequence[Exemption] = ()

    def __post_init__(self) -> None:
        problems = list(_rule_problems(self.rules))
        if problems:
            raise PolicyError("; ".join(problems))
        ids = [rule.id for rule in self.rules]
        problems = [f"two rules have the id {id!r}" for id in sorted({id for id in ids if ids.count(id) > 1})]
        for exemption in self.exemptions:
            if not isinstance(exemption, Exemption):
                problems.append(f"{exemption!r} is not an Exemption: pass Exemption(rule, name, reason)")
                continue
            if exemption.rule not in ids:
                problems.append(f"an exemption from {exemption.rule!r}: no such rule{nearest(exemption.rule, ids)}")
            if not isinstance(exemption.reason, str) or not exemption.reason.strip():
                problems.append(f"the exemption of {exemption.name!r} from {exemption.rule!r} has no reason")
        if problems:
            raise PolicyError("; ".join(problems))

    def violations(self, resources: Iterable[Resource]) -> Iterator[Violation]:
        """Yield what breaks the rules, in the order of the resources."""
        for resource in resources:
            for rule in self.rules:
                yield from self.violations_of(rule, resource)

    def violations_of(self, rule: Rule, resource: Resource) -> Iterator[Violation]:
        """Yield what breaks one rule at one resource."""
        if rule.severity == "off" or self._is_exempt(rule, resource):
            return
        yield from violations_of(rule, resource)

    def _is_exempt(self, rule: Rule, resource: Resource) -> bool:
        return any((each.rule, each.name) == (rule.id, resource.name) for each in self.exemptions)


def builtin_policies(
    *,
    rules: Sequence[Rule] = (),
    severity: Mapping[str, Severity] | None = None,
    exemptions: Sequence[Exemption] = (),
) -> PolicySet:
    """Return the rules that come with this package. Raises PolicyError with every problem.

    Args:
        rules: Further rules. One with the id of a rule that comes with this package takes its place.
        severity: Other severities by id: `mandatory`, `advisory`, or `off`.
        exemptions: The resources that a rule does not hold for, each with a reason.
    """
    PolicySet(rules)  # its problems: here a rule may have the id of another one
    by_id = {each.id: each for each in (*BUILTIN, *rules)}
    problems: list[str] = []
    for id, level in (severity or {}).items():
        if id not in by_id:
            problems.append(f"severity of {id!r}: no such rule{nearest(id, by_id)}")
        elif level not in SEVERITIES:
            problems.append(f"severity of {id!r}: {', '.join(SEVERITIES)} (got {level!r})")
        else:
            by_id[id] = replace(by_id[id], severity=level)
    try:
        policies = PolicySet(tuple(by_id.values()), tuple(exemptions))
    except PolicyError as error:
        problems.append(str(error))
    if problems:
        raise PolicyError("; ".join(problems))
    return policies


def _rule_problems(rules: object) -> Iterator[str]:
    """Yield what makes rules unusable. A file of a team is checked by no type checker."""
    if not isinstance(rules, Sequence):
        yield f"rules: expected a list (got {rules!r})"
        return
    for each in rules:
        if not isinstance(each, Rule):
            name = getattr(each, "__name__", repr(each))
            yield f"{name} is not a rule: decorate the function with @rule(…), or call it"
        elif not each.id:
            yield f"a rule has no id: {each.text!r}"
        elif each.severity not in SEVERITIES:
            yield f"severity of {each.id!r}: {', '.join(SEVERITIES)} (got {each.severity!r})"
