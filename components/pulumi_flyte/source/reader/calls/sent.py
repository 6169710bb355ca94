"""Shapes: what is known of a value that the code sends.

None is a value that is not known, `["=", value]` a constant, `[shape]` a list, and a mapping has the shape of each of
its entries by key. The key `**` stands for further entries that are not known.
"""

from __future__ import annotations

import ast
from typing import Any

from .evaluation import Evaluation
from .models import Models
from .scopes import Bound, Scope
from .values import HOLE, Constant, Foreign, Instance, Method, Text

MORE = "**"
_LONGEST = 24
_DUMPED = {"model_dump", "dict", "to_dict", "asdict"}
_ENCODERS = {"dataclasses.asdict", "fastapi.encoders.jsonable_encoder"}


def constant(text: str) -> Any:
    """Return the shape of a text. A long one is of no use in a comparison, and may be a key that the code spells."""
    return None if HOLE in text or len(text) > _LONGEST else ["=", text]


class Shapes:
    """Reads the shapes of expressions."""

    def __init__(self, evaluation: Evaluation, models: Models) -> None:
        self._evaluation = evaluation
        self._models = models

    def of(self, node: ast.expr, scope: Scope) -> Any:
        """Return the shape of an expression."""
        if isinstance(node, ast.Dict):
            return self._mapping(node, scope)
        if isinstance(node, (ast.List, ast.Tuple)):
            shapes = [self.of(each, scope) for each in node.elts]
            return [shapes[0] if shapes and all(each == shapes[0] for each in shapes) else None]
        if isinstance(node, ast.ListComp):
            return [self.of(node.elt, scope)]
        if isinstance(node, ast.Name):
            return self._name(node, scope)
        if isinstance(node, ast.Call):
            return self._call(node, scope)
        values = self._evaluation.of(node, scope)
        if len(values) == 1 and isinstance(values[0], Text):
            return constant(values[0].text)
        return ["=", values[0].value] if len(values) == 1 and isinstance(values[0], Constant) else None

    def _mapping(self, node: ast.Dict, scope: Scope) -> Any:
        shape: dict[str, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                part = self.of(value, scope)
                shape |= part if isinstance(part, dict) else {MORE: None}
                continue
            names = self._evaluation.text(key, scope)
            if len(names) == 1 and HOLE not in names[0]:
                shape[names[0]] = self.of(value, scope)
            else:
                shape[MORE] = None
        return shape

    def _name(self, node: ast.Name, scope: Scope) -> Any:
        bindings = scope.lookup(node.id)
        if len(bindings) != 1 or not isinstance(bindings[0], Bound) or bindings[0].how != "value":
            return None
        binding = bindings[0]
        shape = self.of(binding.expression, binding.where)
        if not isinstance(shape, dict):
            return shape
        return {**shape, **self._added(node.id, binding.where)}

    def _added(self, name: str, scope: Scope) -> dict[str, Any]:
        """Return the entries that the code adds to a mapping after it was made."""
        added: dict[str, Any] = {}
        for each in scope.all():
            for node, around in each.nodes:
                if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
                    continue
                if isinstance(around, ast.Subscript) and isinstance(around.ctx, (ast.Store, ast.Del)):
                    keys = self._evaluation.text(around.slice, each)
                    is_plain = len(keys) == 1 and HOLE not in keys[0] and isinstance(around.ctx, ast.Store)
                    added[keys[0] if is_plain else MORE] = None
                elif isinstance(around, ast.Attribute) and around.attr in ("update", "setdefault", "pop", "popitem"):
                    added[MORE] = None
        return added

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        functions = self._evaluation.of(node.func, scope)
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if Foreign("dict") in functions and not node.args:
            shape = {name: self.of(value, scope) for name, value in keywords.items() if name is not None}
            return shape if None not in keywords else {**shape, MORE: None}
        if any(isinstance(each, Foreign) and each.name in _ENCODERS for each in functions) and len(node.args) == 1:
            return self._dumped(self._evaluation.of(node.args[0], scope), by_alias=True)
        owners = [each.owner for each in functions if isinstance(each, Method) and each.name in _DUMPED]
        if owners and not keywords.keys() - {"mode", "by_alias"}:
            by_alias = keywords.get("by_alias")
            return self._dumped(tuple(owners), by_alias=by_alias is not None and ast.unparse(by_alias) == "True")
        return None

    def _dumped(self, objects: tuple[Any, ...], *, by_alias: bool) -> Any:
        """Return the shape of an object of a model, which has all of its fields."""
        [only] = objects if len(objects) == 1 else [None]
        fields = self._models.fields(only.of) if isinstance(only, Instance) else None
        if fields is None:
            return None
        return {(each.alias or each.name) if by_alias else each.name: _shape_of(each.tree) for each in fields}


def _shape_of(tree: Any) -> Any:
    """Return the shape of what a model reads and writes. Names of optional fields end with `?` in a tree."""
    if not isinstance(tree, dict):
        return None
    if "*" in tree:
        return [_shape_of(tree["*"])]
    return {name.removesuffix("?"): _shape_of(part) for name, part in tree.items()}
