"""Evaluates expressions as far as the source says, without running anything."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from .scopes import Binding, Bound, Defined, Imported, Scope
from .texts import Values, joined, with_holes
from .values import (
    EACH,
    HOLE,
    App,
    Body,
    Class,
    Client,
    Constant,
    Content,
    Foreign,
    Function,
    Instance,
    Method,
    Module,
    Response,
    Status,
    Task,
    Text,
    Url,
    Value,
)

# More values of one expression than this are none that a reader could follow.
_MOST = 8

_APP = {"flyte_runtime.app", "flyte_runtime.apps.app", "flyte_runtime.apps.handle.app"}
_TASK = {"flyte_runtime.task", "flyte_runtime.tasks.task", "flyte_runtime.tasks.handle.task"}
CLIENTS = {
    *("httpx.Client", "httpx.AsyncClient", "requests.Session", "requests.session", "aiohttp.ClientSession"),
    *("requests.sessions.Session", "aiohttp.client.ClientSession"),
}
_ENVIRONMENT = {"os.environ.get", "os.getenv", "environ.get"}
_DEPENDS = {"fastapi.Depends", "fastapi.param_functions.Depends", "fastapi.params.Depends"}
_URL_UNCHANGED = {"rstrip", "strip", "removesuffix", "lower"}
_PARSED = {"json.loads", "orjson.loads", "ujson.loads"}
_URLS = {"httpx.URL", "yarl.URL", "str", "pydantic.AnyHttpUrl"}
_GATHER = "asyncio.gather"
# Its objects are the foreign name with `()`.
ADAPTER = "pydantic.TypeAdapter"


class Evaluation:
    """The values of expressions. modules: the program's own, by name. request: the response of a call that is a
    request, if it is one."""

    def __init__(self, modules: Mapping[str, Scope], request: Callable[[ast.Call, Scope], Values]) -> None:
        self._modules = modules
        self._request = request
        self._values: dict[tuple[ast.expr, Scope], Values] = {}
        self._open: set[object] = set()
        # The functions whose results the code was followed into.
        self.called: set[ast.AST] = set()

    def of(self, expression: ast.expr, scope: Scope) -> Values:
        """Return the values that an expression may have. If this is empty, the expression has other values."""
        key = (expression, scope)
        if key not in self._values:
            if key in self._open:  # it is defined by itself
                return ()
            self._open.add(key)
            self._values[key] = _unique(self._evaluate(expression, scope))
            self._open.discard(key)
        return self._values[key]

    def text(self, expression: ast.expr, scope: Scope) -> list[str]:
        """Return the strings that an expression may be. A part that is not known is a HOLE."""
        return [value.text for value in self.of(expression, scope) if isinstance(value, Text)]

    def _evaluate(self, node: ast.expr, scope: Scope) -> Iterable[Value]:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return [Text(node.value)]
            if node.value is None or isinstance(node.value, (bool, int, float)):
                return [Constant(node.value)]
            return []
        if isinstance(node, ast.JoinedStr):
            return joined([self._part(each, scope) for each in node.values])
        if isinstance(node, ast.BinOp):
            return self._operation(node, scope)
        if isinstance(node, ast.Name):
            return self._name(node.id, scope)
        if isinstance(node, ast.Attribute):
            return [value for owner in self.of(node.value, scope) for value in self.attribute(owner, node.attr)]
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, scope)
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self.of(node.value, scope)
        if isinstance(node, ast.IfExp):
            return [*self.of(node.body, scope), *self.of(node.orelse, scope)]
        if isinstance(node, ast.BoolOp):
            return [value for each in node.values for value in self.of(each, scope)]
        if isinstance(node, ast.Lambda):
            return [Function(node, scope)]
        return []

    # Texts and URLs

    def _part(self, node: ast.expr, scope: Scope) -> Values:
        if isinstance(node, ast.FormattedValue):
            return self.of(node.value, scope) if node.conversion == -1 and node.format_spec is None else ()
        return self.of(node, scope)

    def _operation(self, node: ast.BinOp, scope: Scope) -> Iterable[Value]:
        left = self.of(node.left, scope)
        if isinstance(node.op, ast.Add):
            right = self.of(node.right, scope)
            is_text = any(isinstance(value, (Text, Url)) for value in (*left, *right))
            return joined([left, right]) if is_text else []
        if isinstance(node.op, ast.Mod):
            return [Text(with_holes(value.text)) for value in left if isinstance(value, Text)]
        if isinstance(node.op, ast.Div):  # yarl's URLs
            return [value for value in joined([left, (Text("/"),), self.of(node.right, scope)]) if _is_url(value)]
        return []

    # Names

    def _name(self, name: str, scope: Scope) -> Iterator[Value]:
        if name == "self" and scope.owner is not None and isinstance(scope.owner.node, ast.ClassDef):
            yield Instance(Class(scope.owner.node, scope.owner))
            return
        bindings = scope.lookup(name)
        if not bindings and name in ("str", "dict"):
            yield Foreign(name)
        for binding in bindings:
            yield from self._bound(binding)

    def _bound(self, binding: Binding) -> Iterable[Value]:
        if isinstance(binding, Imported):
            return self._global(binding.name)
        if isinstance(binding, Defined):
            if isinstance(binding.node, ast.ClassDef):
                return [Class(binding.node, binding.scope)]
            return [Function(binding.node, binding.scope)]
        return self._expression(binding)

    def _expression(self, binding: Bound) -> Iterable[Value]:
        if binding.how == "annotation":
            return self.annotated(binding.expression, binding.where)
        if binding.how == "member":
            return self._member(binding.expression, binding.index, binding.where)
        values = self.of(binding.expression, binding.where)
        if binding.how == "element":
            return [Body(value.site, (*value.path, EACH)) for value in values if isinstance(value, Body)]
        return values

    def _member(self, node: ast.expr, index: int, scope: Scope) -> Values:
        """Return the value of a member of a tuple, or of what `asyncio.gather` returns."""
        node = node.value if isinstance(node, ast.Await) else node
        members: list[ast.expr] = []
        if isinstance(node, (ast.Tuple, ast.List)):
            members = node.elts
        elif isinstance(node, ast.Call) and Foreign(_GATHER) in self.of(node.func, scope):
            members = node.args
        is_there = index < len(members) and not any(isinstance(each, ast.Starred) for each in members)
        return self.of(members[index], scope) if is_there else ()

    def annotated(self, node: ast.expr, scope: Scope) -> Iterator[Value]:
        """Yield what a parameter of a type may be: an object of a class, a client, what a dependency returns."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for part in parts:
                yield from self.annotated(part, scope)
            return
        if isinstance(node, ast.BinOp):
            yield from self.annotated(node.left, scope)
            yield from self.annotated(node.right, scope)
            return
        if isinstance(node, ast.Call):
            yield from self.of(node, scope)
            return
        for value in self.of(node, scope):
            if isinstance(value, Class):
                yield Instance(value)
            elif isinstance(value, Foreign) and value.name in CLIENTS:
                yield Client(None)

    def _global(self, name: str) -> Iterable[Value]:
        """Return what a full name means: a module of the program, a name in one, or a name of another package."""
        if name in self._modules:
            return [Module(self._modules[name])]
        module, _, attribute = name.rpartition(".")
        if module in self._modules:
            return self._in_module(self._modules[module], attribute)
        return [Foreign(name)]

    def _in_module(self, scope: Scope, name: str) -> Iterable[Value]:
        if name in scope.names:
            return [value for binding in scope.names[name] for value in self._bound(binding)]
        package = scope.file.module or ""
        return self._global(f"{package}.{name}") if f"{package}.{name}" in self._modules else []

    def attribute(self, owner: Value, name: str) -> Iterable[Value]:
        """Return the values of an attribute."""
        if isinstance(owner, Foreign):
            return [Foreign(f"{owner.name}.{name}")]
        if isinstance(owner, Module):
            return self._in_module(owner.scope, name)
        if isinstance(owner, (App, Task)) and name == "sync":
            return [owner]
        if isinstance(owner, App) and name in ("url", "public_url"):
            return [Url(owner.alias, None)]
        if isinstance(owner, Response) and name in ("status_code", "status"):
            return [Status(owner.site)]
        if isinstance(owner, Response) and name in ("text", "content"):
            return [Content(owner.site), Method(owner, name)]
        if isinstance(owner, (Class, Instance)):
            return self._in_class(owner, name)
        return [Method(owner, name)]

    def _in_class(self, owner: Class | Instance, name: str) -> Iterable[Value]:
        of = owner.of if isinstance(owner, Instance) else owner
        bindings = [*of.scope.names.get(name, ()), *of.scope.attributes.get(name, ())]
        if not bindings:
            return [Method(owner, name)]
        values = [value for binding in bindings for value in self._bound(binding)]
        decorators = {ast.unparse(each) for each in _decorators(bindings[0])}
        if decorators & {"property", "cached_property", "functools.cached_property"}:
            return [result for value in values if isinstance(value, Function) for result in self.results(value)]
        return values

    # Calls

    def _call(self, node: ast.Call, scope: Scope) -> Iterable[Value]:
        responses = self._request(node, scope)
        if responses:
            return responses
        return [result for function in self.of(node.func, scope) for result in self._called(function, node, scope)]

    def _called(self, function: Value, node: ast.Call, scope: Scope) -> Iterable[Value]:
        first = node.args[0] if node.args else None
        if isinstance(function, Foreign):
            return self._foreign(function.name, first, node, scope)
        if isinstance(function, Function):
            return self.results(function)
        if isinstance(function, Class):
            return [Instance(function)]
        if isinstance(function, Method):
            return self._method(function.owner, function.name, first, scope)
        return []

    def _foreign(self, name: str, first: ast.expr | None, node: ast.Call, scope: Scope) -> Iterable[Value]:
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in CLIENTS:
            base = keywords.get("base_url") or (first if name.startswith("aiohttp") else None)
            urls = [value for value in self.of(base, scope) if isinstance(value, Url)] if base is not None else []
            return [Client(url) for url in urls] or [Client(None)]
        candidates = [keywords[word] for word in ("alias", "key", "dependency") if word in keywords]
        first = first if first is not None else next(iter(candidates), None)
        if first is None:
            return []
        if name in _APP:
            return [App(alias) for alias in self.text(first, scope)]
        if name in _TASK:
            return [Task(alias) for alias in self.text(first, scope)]
        if name in _ENVIRONMENT:
            return [Url(None, variable) for variable in self.text(first, scope)]
        if name in _DEPENDS:
            functions = [value for value in self.of(first, scope) if isinstance(value, Function)]
            return [result for function in functions for result in self.results(function)]
        if name in _PARSED:
            return [Body(value.site) for value in self.of(first, scope) if isinstance(value, Content)]
        if name == ADAPTER:
            return [Foreign(f"{ADAPTER}()")]
        if name == "urllib.parse.urljoin" and len(node.args) > 1:
            return joined([self.of(first, scope), self.of(node.args[1], scope)])
        if name in _URLS:
            return [value for value in self.of(first, scope) if isinstance(value, (Url, Text))]
        return []

    def _method(self, owner: Value, name: str, first: ast.expr | None, scope: Scope) -> Iterable[Value]:
        if isinstance(owner, Response):
            if name == "raise_for_status":
                return [owner]
            if name == "json":
                return [Body(owner.site)]
            return [Content(owner.site)] if name in ("read", "aread", "text") else []
        if isinstance(owner, Body) and first is not None and name in ("get", "pop"):
            return [Body(owner.site, (*owner.path, f"{key}?")) for key in self.text(first, scope)]
        if isinstance(owner, Url) and name in _URL_UNCHANGED:
            return [owner]
        if isinstance(owner, Text):
            if name == "format":
                return [Text(with_holes(owner.text))]
            return [owner] if name in ("strip", "rstrip") else []
        return []

    def results(self, function: Function) -> Iterator[Value]:
        """Yield what a function of the program may return or yield."""
        node = function.node
        if isinstance(node, ast.Lambda):
            yield from self.of(node.body, function.scope.scopes[node])
            return
        if node in self._open:
            return
        self._open.add(node)
        self.called.add(node)
        scope: Scope = function.scope
        for statement in _statements(node.body):
            if isinstance(statement, (ast.Return, ast.Yield)) and statement.value is not None:
                yield from self.of(statement.value, scope)
        self._open.discard(node)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Iterator[Value]:
        for owner in self.of(node.value, scope):
            if isinstance(owner, Foreign) and owner.name == "os.environ":
                yield from (Url(None, name) for name in self.text(node.slice, scope))
            elif isinstance(owner, Body):
                names = [key for key in self.text(node.slice, scope) if HOLE not in key]
                is_number = isinstance(node.slice, (ast.Slice, ast.UnaryOp)) or any(
                    isinstance(value, Constant) for value in self.of(node.slice, scope)
                )
                if names:
                    yield from (Body(owner.site, (*owner.path, name)) for name in names)
                elif is_number:
                    yield Body(owner.site, owner.path if isinstance(node.slice, ast.Slice) else (*owner.path, EACH))


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of the functions inside of it."""
    for node in body:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield from _statements(ast.iter_child_nodes(node))


def _decorators(binding: Binding) -> list[ast.expr]:
    is_function = isinstance(binding, Defined) and not isinstance(binding.node, ast.ClassDef)
    return binding.node.decorator_list if isinstance(binding, Defined) and is_function else []


def _is_url(value: Value) -> bool:
    return isinstance(value, Url)


def _unique(values: Iterable[Value]) -> Values:
    unique = tuple(dict.fromkeys(values))
    return unique if len(unique) <= _MOST else ()
