"""Statuses of HTTP, as code spells them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from http import HTTPStatus

from .evaluation import Evaluation
from .scopes import Scope
from .values import Constant, Foreign


def statuses(node: ast.expr, scope: Scope, evaluation: Evaluation) -> Iterator[int]:
    """Yield the statuses that an expression names: `404`, `(200, 404)`, `httpx.codes.NOT_FOUND`."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        for element in node.elts:
            yield from statuses(element, scope, evaluation)
        return
    for value in evaluation.of(node, scope):
        if isinstance(value, Constant) and isinstance(value.value, int):
            yield value.value
        elif isinstance(value, Foreign):
            name = value.name.rpartition(".")[2]
            digits = [part for part in name.split("_") if part.isdigit() and len(part) == 3]
            if digits:  # starlette.status.HTTP_404_NOT_FOUND
                yield int(digits[0])
            elif name.upper() in HTTPStatus.__members__:
                yield HTTPStatus[name.upper()].value
