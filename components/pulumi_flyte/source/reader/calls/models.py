"""The fields of classes that describe JSON: pydantic models, dataclasses and typed dictionaries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .evaluation import Evaluation
from .scopes import Scope
from .values import EACH, WHOLE, Class, Foreign

_BASES = {"pydantic.BaseModel", "typing.TypedDict", "typing_extensions.TypedDict", "sqlmodel.SQLModel"}
_DATACLASSES = {"dataclasses.dataclass", "pydantic.dataclasses.dataclass"}
_LISTS = {"list", "List", "Sequence", "tuple", "set", "frozenset", "Iterable", "Set", "Tuple"}
_MAPPINGS = {"dict", "Dict", "Mapping"}
_DEEPEST = 12


@dataclass(frozen=True)
class Field:
    """A field of a model. alias: its name in JSON, where that is another one. tree: the part of its value that the
    model reads."""

    name: str
    alias: str | None
    is_required: bool
    tree: Any


class Models:
    """Reads the fields of the program's own models."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation

    def fields(self, model: Class, depth: int = 0) -> list[Field] | None:
        """Return the fields of a model, or None if they cannot be told: another class, aliases by a function."""
        fields: list[Field] = []
        is_model = any(Foreign(name) in self._decorators(model) for name in _DATACLASSES)
        if depth > _DEEPEST:
            return None
        for base in model.node.bases:
            values = self._evaluation.of(base, model.scope.parent)
            classes = [value for value in values if isinstance(value, Class)]
            inherited = self.fields(classes[0], depth + 1) if len(classes) == 1 else None
            if inherited is not None:
                fields, is_model = [*fields, *inherited], True
            elif any(isinstance(value, Foreign) and value.name in _BASES for value in values):
                is_model = True
            else:
                return None
        if not is_model or "alias_generator" in ast.dump(model.node):
            return None
        is_total = not any(each.arg == "total" and ast.unparse(each.value) == "False" for each in model.node.keywords)
        names = {name: field for field in fields for name in [field.name]}
        for statement in model.node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                if name != "model_config" and "ClassVar" not in ast.unparse(statement.annotation):
                    names[name] = self._field(name, statement, model.scope, is_total, depth)
        return list(names.values())

    def tree(self, model: Class) -> Any:
        """Return the part of a value that a model reads. An optional field has `?` after its name."""
        return self._tree_of(self.fields(model))

    def tree_of_type(self, node: ast.expr, scope: Scope, depth: int = 0) -> Any:
        """Return the part of a value that a type reads: `list[Order]`, `Order | None`."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return WHOLE
        if isinstance(node, ast.BinOp):
            sides = [side for side in (node.left, node.right) if ast.unparse(side) != "None"]
            return self.tree_of_type(sides[0], scope, depth) if len(sides) == 1 else WHOLE
        if isinstance(node, ast.Subscript):
            name = ast.unparse(node.value).rpartition(".")[2]
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name in _LISTS:
                return self._each(self.tree_of_type(parts[0], scope, depth))
            if name in _MAPPINGS and len(parts) > 1:
                return self._each(self.tree_of_type(parts[1], scope, depth))
            sides = [part for part in parts if ast.unparse(part) != "None"]
            if name in ("Annotated", "Required", "NotRequired") or (name in ("Optional", "Union") and len(sides) == 1):
                return self.tree_of_type(sides[0], scope, depth)
            return WHOLE
        classes = [value for value in self._evaluation.of(node, scope) if isinstance(value, Class)]
        if len(classes) != 1:
            return WHOLE
        return self._tree_of(self.fields(classes[0], depth + 1))

    def _each(self, tree: Any) -> Any:
        return {EACH: tree}

    def _tree_of(self, fields: list[Field] | None) -> Any:
        if fields is None:
            return WHOLE
        return {f"{each.alias or each.name}{'' if each.is_required else '?'}": each.tree for each in fields}

    def _field(self, name: str, statement: ast.AnnAssign, scope: Scope, is_total: bool, depth: int) -> Field:
        value = statement.value
        alias, is_required = None, value is None and is_total
        for call in self._field_calls(statement):
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            for keyword in ("validation_alias", "alias", "serialization_alias"):
                if alias is None and keyword in keywords:
                    alias = next(iter(self._evaluation.text(keywords[keyword], scope)), None)
            if call is value:
                has_default = "default" in keywords or "default_factory" in keywords
                is_required = not has_default and (not call.args or _is_ellipsis(call.args[0]))
        if "NotRequired" in ast.unparse(statement.annotation):
            is_required = False
        return Field(name, alias, is_required, self.tree_of_type(statement.annotation, scope, depth))

    def _field_calls(self, statement: ast.AnnAssign) -> Iterator[ast.Call]:
        for node in (statement.value, *ast.walk(statement.annotation)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("Field", "field"):
                yield node

    def _decorators(self, model: Class) -> list[Any]:
        nodes = [each.func if isinstance(each, ast.Call) else each for each in model.node.decorator_list]
        return [value for node in nodes for value in self._evaluation.of(node, model.scope.parent)]


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
