"""Types of the values that a cluster takes, each with its rule: names, labels, annotations, shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

import pulumi

from pulumi_flyte.arguments.refusal import Converted, refused, rule, sequence
from pulumi_flyte.arguments.values import PlainText
from pulumi_flyte.naming import cluster_names
from pulumi_flyte.notation.quantities import whole
from pulumi_flyte.problems import Problem

# A number of pods, or a share of them such as "25%".
PodCount: TypeAlias = int | str

_COUNT = 'expected a number of pods, or a share of them such as "25%"'
_LABELS = 'expected a mapping such as {"team": "search"}'


def pod_count(value: object) -> object:
    """Return a number of pods, or a share of them. Raises for anything else."""
    number = whole(value)
    is_number = isinstance(number, int) and not isinstance(number, bool) and number >= 0
    is_share = isinstance(value, str) and value.removesuffix("%").isdecimal() and value.endswith("%")
    if is_share and int(str(value)[:-1]) > 100:
        raise refused(Problem("", "at most 100%", value))
    if not is_number and not is_share:
        raise refused(Problem("", _COUNT, value))
    return number


def checked_labels(value: object) -> object:
    """Return labels by key. Raises with the problem of each."""
    if not isinstance(value, Mapping):
        raise refused(Problem("", _LABELS, value))
    problems = [problem for key, text in value.items() if (problem := _label_problem(key, text)) is not None]
    if problems:
        raise refused(*problems)
    return dict(value)


def checked_annotations(value: object) -> object:
    """Return annotations by key. Raises with the problem of each."""
    if not isinstance(value, Mapping):
        raise refused(Problem("", 'expected a mapping such as {"example.com/owner": "search"}', value))
    problems = [problem for key, text in value.items() if (problem := _annotation_problem(key, text)) is not None]
    if problems:
        raise refused(*problems)
    return dict(value)


def _label_problem(key: object, value: object) -> Problem | None:
    if not isinstance(key, str):
        return Problem("", "expected strings as the keys of labels", key)
    if not isinstance(value, str):
        return Problem(key, "expected a plain string as the value of a label", value)
    reason = cluster_names.label_problem(key, value)
    return None if reason is None else Problem(key, reason, value)


def _annotation_problem(key: object, value: object) -> Problem | None:
    if not isinstance(key, str):
        return Problem("", "expected strings as the keys of annotations", key)
    if not isinstance(value, (str, pulumi.Output)):
        return Problem(key, "expected a string as the value of an annotation", value)
    reason = cluster_names.key_problem(key, "the key of an annotation")
    return None if reason is None else Problem(key, reason)


Namespace = Annotated[PlainText, rule(cluster_names.namespace_problem)]
ObjectName = Annotated[PlainText, rule(lambda name: cluster_names.object_name_problem(name, "the name of an object"))]
Names = Annotated[Sequence[ObjectName], sequence('expected a list of names, such as ["ingress-nginx"]')]
Labels = Annotated[Mapping[str, str], Converted(checked_labels)]
Annotations = Annotated[Mapping[str, str | pulumi.Output[str]], Converted(checked_annotations)]
PodShare = Annotated[PodCount, Converted(pod_count)]
