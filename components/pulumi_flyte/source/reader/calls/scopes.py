"""Scopes: what each name of a module, class or function is bound to, anywhere in it. No order is looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ..syntax import File, absolute, is_never_run

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
# How a value comes to a name: it is assigned, an element of it, what `with` gives, a parameter with this annotation,
# one with this default, the member `index` of a tuple.
How = Literal["value", "element", "enter", "annotation", "default", "member"]


@dataclass(frozen=True)
class Bound:
    """A binding of a name to an expression, which is evaluated in the scope `where`."""

    how: How
    expression: ast.expr
    where: Scope
    index: int = 0


@dataclass(frozen=True)
class Imported:
    """A binding of a name by an import: its full name."""

    name: str


@dataclass(frozen=True)
class Defined:
    """A binding of a name by `def` or `class`. scope: its body."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    scope: Scope


Binding: TypeAlias = Bound | Imported | Defined


@dataclass(eq=False)
class Scope:
    """A module, a class or a function with its names, and the scopes inside of it.

    attributes: what the methods of a class assign to `self.name`. owner: the class of a method.
    nodes: the expressions of it, each with the node around it.
    """

    file: File
    node: ast.Module | ast.ClassDef | Definition
    parent: Scope | None = None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    inner: list[Scope] = field(default_factory=list)
    nodes: list[tuple[ast.expr, ast.AST]] = field(default_factory=list)
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)

    @property
    def owner(self) -> Scope | None:
        """The class that the function is a method of."""
        return self.parent if self.parent is not None and isinstance(self.parent.node, ast.ClassDef) else None

    def all(self) -> Iterator[Scope]:
        """Yield the scope and every one inside of it."""
        yield self
        for each in self.inner:
            yield from each.all()

    def lookup(self, name: str) -> list[Binding]:
        """Return the bindings of a name, seen from this scope."""
        scope: Scope | None = self
        while scope is not None:
            visible = scope is self or not isinstance(scope.node, ast.ClassDef)
            if visible and name in scope.names and name not in scope.globals:
                return scope.names[name]
            scope = scope.parent
        return []

    def bind(self, name: str, binding: Binding) -> None:
        """Add a binding."""
        self.names.setdefault(name, []).append(binding)


def scope_of(file: File) -> Scope:
    """Read a module."""
    scope = Scope(file, file.tree)
    for statement in file.tree.body:
        _read(statement, scope, file.tree)
    return scope


def _read(node: ast.AST, scope: Scope, around: ast.AST) -> None:
    """Add a node and everything inside of it to a scope."""
    if isinstance(node, ast.expr):
        scope.nodes.append((node, around))
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        _read_function(node, scope)
        return
    if isinstance(node, ast.ClassDef):
        inner = _inside(scope, node)
        scope.bind(node.name, Defined(node, inner))
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            _read(part, scope, node)
        for statement in node.body:
            _read(statement, inner, node)
        return
    if isinstance(node, ast.If) and is_never_run(node.test):
        for statement in node.orelse:
            _read(statement, scope, node)
        return
    _bind(node, scope)
    for child in ast.iter_child_nodes(node):
        _read(child, scope, node)


def _inside(scope: Scope, node: ast.ClassDef | Definition) -> Scope:
    inner = scope.scopes[node] = Scope(scope.file, node, scope)
    scope.inner.append(inner)
    return inner


def _read_function(node: Definition, scope: Scope) -> None:
    inner = _inside(scope, node)
    if not isinstance(node, ast.Lambda):
        scope.bind(node.name, Defined(node, inner))
        for decorator in node.decorator_list:
            _read(decorator, scope, node)
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    parameters = [*zip(positional, [*defaults, *arguments.defaults], strict=True)]
    parameters += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    for argument, default in parameters:
        inner.names.setdefault(argument.arg, [])
        if argument.annotation is not None:
            inner.bind(argument.arg, Bound("annotation", argument.annotation, scope))
        if default is not None:
            inner.bind(argument.arg, Bound("default", default, scope))
            _read(default, scope, node)
    for variadic in (arguments.vararg, arguments.kwarg):
        if variadic is not None:
            inner.names.setdefault(variadic.arg, [])
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    for statement in body:
        _read(statement, inner, node)


def _bind(node: ast.AST, scope: Scope) -> None:
    """Add what a node itself binds."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            scope.bind(alias.asname or top, Imported(alias.name if alias.asname else top))
    elif isinstance(node, ast.ImportFrom):
        target = absolute("." * node.level + (node.module or ""), scope.file) or ""
        for alias in node.names:
            scope.bind(alias.asname or alias.name, Imported(f"{target}.{alias.name}"))
    elif isinstance(node, ast.Global):
        scope.globals.update(node.names)
    elif isinstance(node, ast.Assign):
        for each in node.targets:
            _assign(each, "value", node.value, scope)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        _assign(node.target, "value", node.value, scope)
    elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
        _assign(node.target, "element", node.iter, scope)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        _assign(node.optional_vars, "enter", node.context_expr, scope)


def _assign(target: ast.expr, how: How, value: ast.expr, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        place = scope
        if target.id in scope.globals:
            while place.parent is not None:
                place = place.parent
        place.bind(target.id, Bound(how, value, scope))
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and scope.owner is not None:
        if target.value.id == "self":
            scope.owner.attributes.setdefault(target.attr, []).append(Bound(how, value, scope))
    elif isinstance(target, (ast.Tuple, ast.List)) and how == "value":
        for index, member in enumerate(target.elts):
            _assign_member(member, value, scope, index)
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                scope.names.setdefault(part.id, [])


def _assign_member(target: ast.expr, value: ast.expr, scope: Scope, index: int) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, Bound("member", value, scope, index))
