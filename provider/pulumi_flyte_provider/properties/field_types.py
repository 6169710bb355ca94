"""The types of fields in shapes, with the rules of the Flyte API or Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pulumi_flyte.naming import names
from pulumi_flyte.notation import cron
from pulumi_flyte.notation.quantities import is_quantity
from pydantic import AfterValidator, Strict
from pydantic_core import PydanticCustomError

_VARIABLE = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")  # Kubernetes' rule for env names
_SECRET_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")  # flyte-sdk `_secret.py`


def rule(problem: Callable[[Any], str | None]) -> AfterValidator:
    """Return a validator that refuses a value for the reason that `problem` returns."""

    def validate(value: Any) -> Any:
        reason = problem(value)
        if reason is not None:
            raise PydanticCustomError("rule", "{reason}", {"reason": reason})
        return value

    return AfterValidator(validate)


def between(least: int, most: int | None, what: str) -> AfterValidator:
    """Return a validator that limits a number."""
    limits = f"between {least} and {most}" if most is not None else f"at least {least}"
    return rule(lambda n: None if n >= least and (most is None or n <= most) else f"{what} is {limits}")


def at_most(length: int, what: str) -> AfterValidator:
    """Return a validator that limits the length of a text."""
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


def _bundle_digest(text: str) -> str | None:
    right = len(text) == 64 and set(text) <= set("0123456789abcdef")
    return None if right else "a bundle is named by its sha256: 64 hexadecimal digits"


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
BundleDigest = Annotated[str, Strict(), rule(_bundle_digest)]
Environment = dict[Variable, Text]
Json = dict[str, Any]
