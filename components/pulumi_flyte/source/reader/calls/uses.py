"""Finds what the code does with responses: the fields that it reads, the statuses that it compares with."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from .evaluation import ADAPTER, Evaluation
from .models import Models
from .scopes import Bound, Scope
from .statuses import statuses
from .texts import Values
from .values import HOLE, WHOLE, Body, Class, Content, Foreign, Instance, Method, Response, Status

_VALIDATE = {"model_validate", "parse_obj", "model_validate_json", "parse_raw", "from_dict"}
_VALIDATE_TYPE = {f"{ADAPTER}().{name}" for name in ("validate_python", "validate_json")}


class Uses:
    """Reads the uses of responses in one module after the other."""

    def __init__(self, evaluation: Evaluation, models: Models) -> None:
        self._evaluation = evaluation
        self._models = models

    def read(self, scope: Scope) -> None:
        """Note the uses in a function, a class or a module."""
        around: dict[ast.AST, ast.AST] = dict(scope.nodes)
        for node, outer in scope.nodes:
            values = () if _is_stored(node) else self._evaluation.of(node, scope)
            if not any(isinstance(value, (Response, Content, Body, Status)) for value in values):
                continue
            if isinstance(outer, ast.Compare):
                self._compared(values, outer, node, scope)
            elif isinstance(outer, ast.Expr):  # the response of a call that nobody looks at
                self._used(tuple(value for value in values if isinstance(value, Body)), outer, node, scope)
            elif not self._is_passed_on(node, outer, scope, around):
                self._used(values, outer, node, scope)

    def _compared(self, values: Values, outer: ast.Compare, node: ast.expr, scope: Scope) -> None:
        for value in values:
            if isinstance(value, Status):
                for other in (outer.left, *outer.comparators):
                    if other is not node and isinstance(outer.ops[0], (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
                        value.site.statuses.update(statuses(other, scope, self._evaluation))
            elif isinstance(value, Body):
                if node in outer.comparators and isinstance(outer.ops[0], (ast.In, ast.NotIn)):
                    for name in self._evaluation.text(outer.left, scope):
                        if HOLE not in name:
                            value.site.read((*value.path, f"{name}?"))
                else:
                    value.site.read(value.path)

    def _is_passed_on(self, node: ast.expr, outer: ast.AST, scope: Scope, around: Mapping[ast.AST, ast.AST]) -> bool:
        """Check whether the value of a node becomes that of another expression or name, which is looked at itself."""
        if isinstance(outer, (ast.Await, ast.IfExp, ast.BoolOp)):
            is_test = isinstance(outer, ast.IfExp) and node is outer.test
            return not is_test
        if isinstance(outer, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
            return all(isinstance(target, (ast.Name, ast.Tuple)) or _is_of_self(target) for target in targets)
        if isinstance(outer, ast.withitem):
            return True
        if isinstance(outer, (ast.For, ast.AsyncFor, ast.comprehension)):
            return node is outer.iter and isinstance(outer.target, ast.Name)
        if isinstance(outer, (ast.Attribute, ast.Subscript)):
            # `body["x"]`, `reply.json()`: the whole expression has a value of its own.
            further = self._evaluation.of(outer, scope)
            is_base = node is outer.value
            return is_base and any(isinstance(value, (Response, Content, Body, Status, Method)) for value in further)
        if isinstance(outer, ast.Call):
            if outer.func is node:
                return True
            results = self._evaluation.of(outer, scope)
            if any(isinstance(value, (Body, Content, Response)) for value in results):
                return True  # json.loads(reply.text)
            return Foreign("asyncio.gather") in self._evaluation.of(outer.func, scope) and _is_unpacked(outer, around)
        if isinstance(outer, (ast.Return, ast.Yield)):
            return scope.node in self._evaluation.called and not getattr(scope.node, "decorator_list", [])
        return isinstance(outer, ast.Lambda) and outer in self._evaluation.called

    def _used(self, values: Values, outer: ast.AST, node: ast.expr, scope: Scope) -> None:
        tree = self._tree_read(outer, node, scope)
        for value in values:
            if isinstance(value, (Response, Content)):
                if not isinstance(outer, ast.Attribute):
                    value.site.read_tree((), tree)
            elif isinstance(value, Body):
                value.site.read_tree(value.path, tree)

    def _tree_read(self, outer: ast.AST, node: ast.expr, scope: Scope) -> object:
        """Return the part of a value that is read. It is the whole value unless a model reads it."""
        call = outer
        if isinstance(call, ast.Call):
            for function in self._evaluation.of(call.func, scope):
                if isinstance(function, Method) and function.name in _VALIDATE and isinstance(function.owner, Class):
                    return self._models.tree(function.owner)
                if isinstance(function, Foreign) and function.name in _VALIDATE_TYPE:
                    return self._adapted(call.func, scope)
        if isinstance(outer, ast.keyword) and outer.arg is None:  # Model(**body)
            return self._constructed(node, scope)
        return WHOLE

    def _adapted(self, function: ast.expr, scope: Scope) -> object:
        """Return what `TypeAdapter(list[Model]).validate_python` reads."""
        adapter = function.value if isinstance(function, ast.Attribute) else function
        where = scope
        if isinstance(adapter, ast.Name):
            bindings = scope.lookup(adapter.id)
            [binding] = bindings if len(bindings) == 1 else [None]
            if isinstance(binding, Bound):
                adapter, where = binding.expression, binding.where
        if not isinstance(adapter, ast.Call) or not adapter.args:
            return WHOLE
        return self._models.tree_of_type(adapter.args[0], where)

    def _constructed(self, node: ast.expr, scope: Scope) -> object:
        for call, _ in scope.nodes:
            if isinstance(call, ast.Call) and any(keyword.value is node for keyword in call.keywords):
                for value in self._evaluation.of(call, scope):
                    if isinstance(value, Instance):
                        return self._models.tree(value.of)
        return WHOLE


def _is_stored(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del))


def _is_of_self(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"


def _is_unpacked(call: ast.Call, around: Mapping[ast.AST, ast.AST]) -> bool:
    """Check for `a, b = await asyncio.gather(…)`."""
    outer = around.get(call)
    outer = around.get(outer) if isinstance(outer, ast.Await) else outer
    return isinstance(outer, ast.Assign) and all(isinstance(target, ast.Tuple) for target in outer.targets)
