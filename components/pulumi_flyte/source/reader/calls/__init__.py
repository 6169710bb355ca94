"""Reads from the syntax of a workload's files which operations of wired apps and tasks its code uses.

Nothing is run. The answer has one entry for each call, with the file and line: `app`, the alias, or `variable`, the
environment variable with the app's URL; `method` and `path`, where `{}` is a part that is known only when the code
runs. They are left out if the code computes them. `query`, `headers` and `json` are shapes of what is sent
(sent.py); None if that cannot be told. `reads` are the fields of the response's body that the code uses, `statuses`
what it compares the status with. A start of a task has `task`, the alias, and `inputs`.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..syntax import File
from .evaluation import Evaluation
from .models import Models
from .requests import Requests
from .scopes import Scope, scope_of
from .sent import MORE, Shapes
from .uses import Uses
from .values import ALSO_WHOLE, WHOLE, App, CallSite, Method, Task

Json = dict[str, Any]

_STARTS = ("start", "run_and_wait")
_OPTIONS = {"idempotency_key", "labels", "env", "timeout"}


def calls_of(files: Iterable[File], root: Path) -> list[Json]:
    """Return the calls of a workload's files, in the order of their places.

    There are none for code that is nested too deeply to be followed: no workload has to fail for that.
    """
    try:
        return _Reading(list(files), root).calls()
    except RecursionError:
        return []


class _Reading:
    def __init__(self, files: list[File], root: Path) -> None:
        self._root = root
        self._scopes = [scope_of(file) for file in files]
        requests = self._requests = Requests()
        modules = {scope.file.module: scope for scope in self._scopes if scope.file.module is not None}
        self._evaluation = requests.evaluation = Evaluation(modules, requests.of)
        models = Models(self._evaluation)
        self._shapes = requests.shapes = Shapes(self._evaluation, models)
        self._uses = Uses(self._evaluation, models)

    def calls(self) -> list[Json]:
        scopes = [inner for scope in self._scopes for inner in scope.all()]
        starts: list[tuple[str, int, Json]] = []
        for scope in scopes:
            for node, _ in scope.nodes:
                self._evaluation.of(node, scope)
                if isinstance(node, ast.Call):
                    starts += self._starts(node, scope)
        if self._requests.sites:
            for scope in scopes:
                self._uses.read(scope)
        calls = [*starts, *(self._document(site) for site in self._requests.sites.values())]
        return [{"at": f"{file}:{line}", **call} for file, line, call in sorted(calls, key=_place)]

    def _document(self, site: CallSite) -> tuple[str, int, Json]:
        target = site.target
        call: Json = {}
        if isinstance(target, App):
            call["app"] = target.alias
        elif target.app is not None:
            call["app"] = target.app
        else:
            call["variable"] = target.variable
        if site.method is not None:
            call["method"] = site.method
        if site.path is not None:
            call["path"] = site.path
        if site.query != {}:
            call["query"] = site.query
        if site.headers != []:
            call["headers"] = site.headers
        if site.has_json:
            call["json"] = site.json
        elif site.has_other_body:
            call["body"] = None
        reads = _compact(site.reads)
        if reads != {}:
            call["reads"] = reads
        if site.statuses:
            call["statuses"] = sorted(site.statuses)
        return self._shown(Path(site.file)), site.place.lineno, call

    def _starts(self, node: ast.Call, scope: Scope) -> Iterator[tuple[str, int, Json]]:
        for value in self._evaluation.of(node.func, scope):
            if isinstance(value, Method) and isinstance(value.owner, Task) and value.name in _STARTS:
                shape: Any = {}
                if node.args:
                    shape = self._shapes.of(node.args[0], scope)
                if not isinstance(shape, dict):
                    shape = {MORE: None}
                for keyword in node.keywords:
                    if keyword.arg is None:
                        part = self._shapes.of(keyword.value, scope)
                        shape |= part if isinstance(part, dict) else {MORE: None}
                    elif keyword.arg not in _OPTIONS:
                        shape[keyword.arg] = self._shapes.of(keyword.value, scope)
                yield self._shown(scope.file.path), node.lineno, {"task": value.owner.alias, "inputs": shape}

    def _shown(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._root)).as_posix()


def _compact(tree: Any) -> Any:
    """Return a tree of reads with WHOLE in place of a mapping that says nothing else."""
    if not isinstance(tree, dict):
        return tree
    if set(tree) == {ALSO_WHOLE}:
        return WHOLE
    return {name: _compact(part) for name, part in sorted(tree.items())}


def _place(call: tuple[str, int, Json]) -> tuple[str, int, str]:
    return call[0], call[1], repr(call[2])
