"""How inputs are described: frozen pydantic models whose rules are the Flyte API's, and problems with paths.

Values that are only known after `up` pass every rule; values of secrets are in no problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pulumi_flyte.naming import names
from pulumi_flyte.notation import cron
from pulumi_flyte.notation.quantities import is_quantity
from pulumi_flyte.problems import Problems, nearest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from pulumi_flyte_provider.properties.codec import UNKNOWN, Tree, is_secret_at, reveal, secret_paths

_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")  # Kubernetes' rule for env names
_SECRET_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")  # flyte-sdk `_secret.py`
_VERSION, _WIRING = ("version",), ("env", "FLYTE_WIRING")
SECRET_MOUNT = "/etc/flyte/secrets"


class Shape(BaseModel):
    """The inputs of a resource or of a nested object, under their schema (camelCase) names."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=False, hide_input_in_errors=True
    )


def rule(problem: Callable[[Any], str | None]) -> AfterValidator:
    """A validator from a function that says what is wrong with a value, or None."""

    def validate(value: Any) -> Any:
        reason = problem(value)
        if reason is not None:
            raise PydanticCustomError("rule", "{reason}", {"reason": reason})
        return value

    return AfterValidator(validate)


def between(least: int, most: int | None, what: str) -> AfterValidator:
    """A number's limits."""
    limits = f"between {least} and {most}" if most is not None else f"at least {least}"
    return rule(lambda n: None if n >= least and (most is None or n <= most) else f"{what} is {limits}")


def at_most(length: int, what: str) -> AfterValidator:
    """A text's greatest length."""
    return rule(lambda t: None if len(t) <= length else f"{what} has at most {length} characters, this has {len(t)}")


def _not_empty(text: str) -> str | None:
    return None if text else "it must not be empty"


def _variable(text: str) -> str | None:
    if not _VARIABLE.fullmatch(text):
        return "an environment variable's name is letters, digits, '_', '-' and '.', and starts with no digit"
    return "the provider sets this variable itself: choose another name" if text == "PULUMI_FLYTE" else None


def _secret_variable(text: str) -> str | None:
    return None if _SECRET_VARIABLE.fullmatch(text) else "a secret's variable is upper-case letters, digits and '_'"


def _quantity(text: str) -> str | None:
    return None if is_quantity(text) else "a quantity is a number with an optional unit, such as 500m, 2, 512Mi or 1Gi"


Text = Annotated[str, Strict()]
NonEmpty = Annotated[str, Strict(), rule(_not_empty)]
Whole = Annotated[int, Strict()]
Bool = Annotated[bool, Strict()]
AppName = Annotated[str, Strict(), rule(names.app_name_problem)]
TaskName = Annotated[str, Strict(), rule(names.task_name_problem)]
SecretName = Annotated[str, Strict(), rule(names.secret_name_problem)]
Scope = Annotated[str, Strict(), rule(names.scope_name_problem)]
OptionalScope = Annotated[str, Strict(), rule(lambda text: names.scope_name_problem(text) if text else None)]
Port = Annotated[int, Strict(), rule(names.port_problem)]
Variable = Annotated[str, Strict(), rule(_variable)]
SecretVariable = Annotated[str, Strict(), rule(_secret_variable)]
Quantity = Annotated[str, Strict(), rule(_quantity)]
Cron = Annotated[str, Strict(), rule(cron.problem)]
Version = Annotated[str, Strict(), rule(_not_empty), at_most(names.MAX_VERSION, "a version")]
Environment = dict[Variable, Text]
Json = dict[str, Any]

S = TypeVar("S", bound=Shape)


def examine(shape: type[Shape], tree: Tree, problems: Problems, *, secrets: bool = False) -> Tree:
    """Adds every way in which `tree` does not fit the shape; `secrets`: whether it may hold any. Returns the tree
    without secret wrappers, for rules that span several properties."""
    revealed: Tree = reveal(tree)
    try:
        shape.model_validate({key: value for key, value in revealed.items() if value is not None})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _add(problems, shape, tree, detail)
    if not secrets:
        _refuse_secrets(tree, problems)
    return revealed


def _refuse_secrets(tree: Tree, problems: Problems) -> None:
    """A spec is stored and shown in clear by Flyte: a secret in it is a leak, whatever Pulumi encrypts."""
    for path in _causes(secret_paths(tree)):
        problems.add(
            dotted(path),
            "this value is a secret, and Flyte shows a spec to everybody: declare a Secret and hand it over in secrets",
        )


def _causes(paths: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without what a component derives from the rest, where the rest is secret, too: one mistake is one problem."""
    others = [path for path in paths if path not in (_VERSION, _WIRING)]
    if _WIRING in paths and not any(path[0] == "env" for path in others):
        others.append(_WIRING)
    return others or paths


def _add(problems: Problems, shape: type[Shape], tree: Tree, detail: Any) -> None:
    location: tuple[Any, ...] = tuple(step for step in detail["loc"] if step != "[key]")
    if detail["input"] is UNKNOWN:
        return
    path = dotted(location)
    hidden = detail["type"] in ("missing", "extra_forbidden") or is_secret_at(tree, location)
    problems.add(path, _reason(shape, detail, location), None if hidden else detail["input"])


def _reason(shape: type[Shape], detail: Any, location: tuple[Any, ...]) -> str:
    kind = detail["type"]
    if kind == "rule":
        return str(detail["ctx"]["reason"])
    if kind == "missing":
        return "it is required"
    if kind == "extra_forbidden":
        return f"unknown property{nearest(str(location[-1]), _known(shape, location[:-1]))}"
    expected = _EXPECTED.get(kind)
    return f"expected {expected}" if expected else str(detail["msg"])


_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}


def _known(shape: type[Shape], location: tuple[Any, ...]) -> list[str]:
    """The properties that exist where an unknown one was found."""
    here: type[Shape] | None = shape
    for step in location:
        if here is None or isinstance(step, int):
            continue
        field = next((f for f in here.model_fields.values() if f.alias == step), None)
        here = _nested(field.annotation) if field is not None else None
    return [f.alias or name for name, f in here.model_fields.items()] if here is not None else []


def _nested(annotation: Any) -> type[Shape] | None:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _nested(argument)
        if found is not None:
            return found
    return None


def dotted(location: tuple[Any, ...]) -> str:
    """A property path as Pulumi writes it: `secrets[0].key`, `env["a.b"]`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$-]*", str(step)):
            path += f".{step}" if path else str(step)
        else:
            path += f'["{step}"]'
    return path


def parse(shape: type[S], revealed: Mapping[str, Any]) -> S:
    """The inputs as a value. Only for inputs that passed `examine`, without unknown values."""
    return shape.model_validate({key: value for key, value in revealed.items() if value is not None})


def plain(value: Shape) -> Tree:
    """The shape back as properties, without what is not given."""
    return value.model_dump(by_alias=True, exclude_none=True)


def optional_field(doc: str, **options: Any) -> Any:
    """An optional property with its description for the schema."""
    return Field(default=None, description=doc, **options)


def required_field(doc: str, **options: Any) -> Any:
    """A required property with its description for the schema."""
    return Field(description=doc, **options)
