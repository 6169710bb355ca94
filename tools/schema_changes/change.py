"""A change that breaks users, and the way to make it without breaking them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The kinds of breaking changes, each with an advice."""

    PACKAGE = "programs import it by this name: keep it"
    TOKEN_REMOVED = "keep it with a `deprecationMessage` until a release that may break programs"
    TOKEN_RENAMED = "its alias keeps the states, but programs name the old one: keep both, the old one deprecated"
    ALIAS_REMOVED = "put the alias back: without it, stacks with the old type replace the resource"
    INPUT_REMOVED = "accept it further, with a `deprecationMessage`"
    OUTPUT_REMOVED = "return it further, with a `deprecationMessage`"
    PROPERTY_REMOVED = "keep it, with a `deprecationMessage`"
    METHOD_REMOVED = "keep the method, with a `deprecationMessage`"
    ENUM_VALUE_REMOVED = "accept the value further, with a `deprecationMessage`"
    ENUM_NAME = "programs use the name of the constant: keep it"
    REQUIRED = "give it a default, so that programs may leave it out"
    MAYBE_ABSENT = "set it always, or add another output"
    TYPE = "keep the type, and add a property of the new type beside it"
    CONST = "keep the value, and add another property"
    DEFAULT = "keep the default: programs that rely on it would deploy something else"
    SECRET_LOST = "keep it secret: it would be in plain text in states and logs"
    SECRET_GAINED = "keep it, and add a secret output beside it: programs that show it would show `[secret]`"
    PLAIN = "keep it: `plain` decides if programs may pass outputs, and Go has another type for it"
    REPLACES = "update in place: a change of it would replace the resource"
    COMPONENT = "keep it: a stack cannot turn a component into a resource, nor back"
    SIGNATURE = "keep the arguments: add a function of another name"
    LANGUAGE = "programs in this language use its name: keep it"


@dataclass(frozen=True)
class Change:
    """One breaking change. `path` leads to the property, such as `flyte:index:App.inputs.port`."""

    path: str
    kind: Kind
    detail: str

    def __str__(self) -> str:
        return f"{self.path} {self.detail}: {self.kind.value}"
