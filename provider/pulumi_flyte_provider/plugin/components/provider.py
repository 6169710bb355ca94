"""The provider that Pulumi's SDK calls to construct a component."""

from __future__ import annotations

import inspect
import re
from functools import cache
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
# A word that may be a keyword of several words.
_KEYWORD = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")


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
            raise error.renamed(_in_the_schemas_spelling) from None
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
        raise ArgumentsError(component.__name__, name, problems.entries)
    return {keywords[key]: value for key, value in inputs.items() if value is not None}


def _in_the_schemas_spelling(problem: Problem) -> Problem:
    """Return the problem with the names of the schema's properties instead of the Python keywords."""
    first, *steps = problem.path.split(".")
    if first in _WITH_SCHEMA:
        steps[1:2] = [camel(step) for step in steps[1:2]]
    elif first not in _NAMED_BY_THE_USER:
        steps = [camel(step) for step in steps]
    return Problem(
        ".".join([camel(first), *steps]),
        _KEYWORD.sub(_property_name, problem.reason),
        problem.value,
        tuple(camel(name) for name in problem.alternatives),
    )


def _property_name(word: re.Match[str]) -> str:
    """Return the name of a property of the components, and any other word as it is."""
    name = camel(word[0])
    return name if name in _property_names() else word[0]


@cache
def _property_names() -> frozenset[str]:
    # Only a run that has a problem makes the schema.
    from pulumi_flyte_provider.plugin.schema import package_schema

    schema = package_schema()
    parts = [schema["resources"][token]["inputProperties"] for token in component_schema.TOKENS]
    parts += [each.get("properties", {}) for token, each in schema["types"].items() if ":index:" in token]
    return frozenset(name for properties in parts for name in properties)
