"""The values that an expression can have, if they follow from the source. All other values are left out."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# A part of a text that is known only when the code runs.
HOLE = "{}"
# The whole value of a response is used. As the key of a mapping: besides its entries.
WHOLE = 1
ALSO_WHOLE = ""
EACH = "*"


@dataclass(frozen=True)
class Foreign:
    """A name of another package, such as `httpx.AsyncClient`."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A number, a truth value or None."""

    value: int | float | bool | None


@dataclass(frozen=True)
class Text:
    """A string. A part that is not known is a HOLE."""

    text: str


@dataclass(frozen=True)
class App:
    """A handle of `rt.app(alias)`."""

    alias: str


@dataclass(frozen=True)
class Task:
    """A handle of `rt.task(alias)`."""

    alias: str


@dataclass(frozen=True)
class Url:
    """The URL of an app: of the alias `app`, or the value of an environment variable. suffix: what comes after it."""

    app: str | None
    variable: str | None
    suffix: str = ""


@dataclass(frozen=True)
class Client:
    """A client of httpx, requests or aiohttp. base: the URL that its paths continue, if any."""

    base: Url | None


@dataclass(eq=False)
class CallSite:
    """A request of the code. What becomes of its response is added while the code is read.

    path: None if it cannot be told. reads: the part of the JSON body that the code uses.
    """

    target: App | Url
    method: str | None
    path: str | None
    place: ast.Call
    file: str
    query: Any = None
    headers: Any = None
    json: Any = None
    has_json: bool = False
    has_other_body: bool = False
    reads: dict[str, Any] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)

    def read(self, path: tuple[str, ...]) -> None:
        """Note that the code uses the value at a place of the body."""
        here = self.reads
        for name in path:
            here = here.setdefault(name, {})
        here[ALSO_WHOLE] = WHOLE

    def read_tree(self, path: tuple[str, ...], tree: Any) -> None:
        """Note that a model reads the value at a place of the body."""
        if not isinstance(tree, dict):
            self.read(path)
            return
        for name, part in tree.items():
            self.read_tree((*path, name), part)


@dataclass(frozen=True)
class Response:
    """The response of a request."""

    site: CallSite


@dataclass(frozen=True)
class Content:
    """The bytes or the text of a response."""

    site: CallSite


@dataclass(frozen=True)
class Body:
    """A part of the JSON body of a response."""

    site: CallSite
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Status:
    """The status of a response."""

    site: CallSite


@dataclass(frozen=True)
class Function:
    """A function of the program's own. scope: where it is defined."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Any


@dataclass(frozen=True)
class Class:
    """A class of the program's own. scope: its body."""

    node: ast.ClassDef
    scope: Any


@dataclass(frozen=True)
class Instance:
    """An object of a class of the program's own."""

    of: Class


@dataclass(frozen=True)
class Module:
    """A module of the program's own."""

    scope: Any


@dataclass(frozen=True)
class Method:
    """A method of a value, or an attribute that is not known."""

    owner: Value
    name: str


Value: TypeAlias = (
    Foreign
    | Constant
    | Text
    | App
    | Task
    | Url
    | Client
    | Response
    | Content
    | Body
    | Status
    | Function
    | Class
    | Instance
    | Module
    | Method
)
