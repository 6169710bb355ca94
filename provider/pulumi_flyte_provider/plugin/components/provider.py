"""The provider that Pulumi's SDK calls to construct a component."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pulumi
from pulumi.errors import RunError
from pulumi.provider.provider import ConstructResult, Provider
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.problems import Problem, Problems, meant_by, nearest
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.plugin import component_schema

# The users choose the names of the properties below these.
_NAMED_BY_THE_USER = frozenset({"inputs", "secrets", "env", "triggers", "interface"})
# The values below the users' names in these have properties of the schema.
_WITH_SCHEMA = frozenset({"inputs", "secrets", "triggers"})


class Components(Provider):
    """Constructs components."""

    def __init__(self) -> None:
        super().__init__(VERSION)

    def construct(
        self, name: str, resource_type: str, inputs: Any, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Construct a component. Raise ArgumentsError with the property names of the schema, or other errors of the
        component."""
        component = component_class(resource_type)
        keywords = _keywords(component, name, inputs)
        try:
            resource = component(name, **keywords, opts=options)
        except ArgumentsError as error:
            raise error.renamed(_property_path) from None
        outputs = component_schema.outputs(resource_type)
        return ConstructResult(resource.urn, {camel(key): getattr(resource, key) for key in outputs})


def component_class(token: str) -> Any:
    """Return the class of a component. Raise RunError for an unknown token."""
    if token not in component_schema.TOKENS:
        raise RunError(f"unknown component {token!r}; this plugin has {', '.join(component_schema.TOKENS)}")
    return component_schema.component_class(token)


def _keywords(component: Any, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(component.__init__).parameters
    keywords = {camel(key): key for key, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}
    keywords.pop("opts", None)
    problems = Problems()
    unknown = [key for key in inputs if key not in keywords]
    for key in unknown:
        problems.add(key, f"unknown property{nearest(key, keywords)}")
    misspelt = {meant_by(key, keywords) for key in unknown}
    for key, keyword in keywords.items():
        required = parameters[keyword].default is inspect.Parameter.empty
        if required and inputs.get(key) is None and key not in misspelt:
            problems.add(key, "required")
    if problems:
        raise ArgumentsError(component.__name__, name, problems.found)
    return {keywords[key]: value for key, value in inputs.items() if value is not None}


def _property_path(problem: Problem) -> Problem:
    """Return the problem with the name of the schema's property instead of the Python keyword."""
    first, *steps = problem.path.split(".")
    if first in _WITH_SCHEMA:
        steps[1:2] = [camel(step) for step in steps[1:2]]
    elif first not in _NAMED_BY_THE_USER:
        steps = [camel(step) for step in steps]
    return replace(problem, path=".".join([camel(first), *steps]))
