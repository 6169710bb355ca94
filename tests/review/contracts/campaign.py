"""A campaign: mutations of generated APIs against callers that use the mutated operation, and callers that do not."""

from __future__ import annotations

import copy
import random
from collections import Counter
from dataclasses import dataclass, field

from pulumi_flyte.source.reader.openapi import reduced_api
from pulumi_flyte_review.contracts.api import Api
from pulumi_flyte_review.contracts.calls import Apis
from pulumi_flyte_review.contracts.edges import AppEdge, findings
from pulumi_flyte_review.contracts.usage import Usage

from tests.review.contracts.mutations import (
    MUTATIONS,
    Json,
    Operation,
    call_document,
    document,
    draw_operations,
    draw_usage,
)


@dataclass
class Outcome:
    """The counts of a campaign. wrong: a description of each verdict that is not the mutation's own."""

    right_breaks: int = 0
    right_silences: int = 0
    untold: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def api_of(whole: Json) -> Api:
    return Api.parse(reduced_api(whole, "", {}))


def run(seed: int, mutations: int) -> Outcome:
    """Apply this many mutations, each against one caller that uses the operation, and one that uses another one."""
    rng, outcome = random.Random(seed), Outcome()
    while outcome.kinds.total() < mutations:
        operations = draw_operations(rng)
        before = document(operations, named=rng.random() < 0.5)
        kind, operation = MUTATIONS[outcome.kinds.total() % len(MUTATIONS)], rng.choice(operations)
        after = copy.deepcopy(before)
        is_broken = kind.apply(rng, after, operation)
        if is_broken is None:
            continue
        outcome.kinds[kind.name] += 1
        apis = Apis(api_of(before), api_of(after))
        usage = draw_usage(rng, operation)
        judge(outcome, kind.name, apis, call_document(operation, usage), operation, is_broken(usage), str(usage))
        other = rng.choice([each for each in operations if each is not operation])
        judge(outcome, kind.name, apis, call_document(other, draw_usage(rng, other)), other, False, "another operation")
    return outcome


def judge(
    outcome: Outcome, kind: str, apis: Apis, call: Json, operation: Operation, expected: bool, usage: str
) -> None:
    edge = AppEdge("app caller", "app callee", Usage.parse([call]).calls, apis, changes=True)
    result = findings([edge], [])
    outcome.untold += len(result.unchecked)
    places = {(each.operation, each.file, each.line) for each in result.breaks}
    if bool(result.breaks) != expected or not places <= {(operation.place(), "caller.py", 7)}:
        outcome.wrong.append(f"{kind}: expected {expected}, reported {result}, {usage}, {call}")
    elif expected:
        outcome.right_breaks += 1
    else:
        outcome.right_silences += 1
