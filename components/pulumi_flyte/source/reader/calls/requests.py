"""Recognises requests: calls of handles, and of clients of httpx, requests and aiohttp with the URL of an app."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from .evaluation import CLIENTS, Evaluation
from .scopes import Scope
from .sent import MORE, Shapes, constant
from .texts import Values
from .values import HOLE, App, CallSite, Client, Foreign, Method, Response, Text, Url

METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}
_LIBRARIES = ("httpx", "requests", "aiohttp")
# Arguments that are a body in another form than JSON.
_OTHER_BODIES = ("data", "content", "files")


class Requests:
    """The requests of the code, in the order in which they are met."""

    def __init__(self) -> None:
        self.sites: dict[tuple[object, ...], CallSite] = {}
        self.evaluation: Evaluation
        self.shapes: Shapes

    def of(self, node: ast.Call, scope: Scope) -> Values:
        """Return the responses of a call. There are none if the call is not a request."""
        return tuple(Response(site) for site in self._sites(node, scope))

    def _sites(self, node: ast.Call, scope: Scope) -> Iterator[CallSite]:
        for target, name in self._targets(node.func, scope):
            arguments = list(node.args)
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            methods: list[str | None] = [name.upper()]
            if name in ("request", "stream"):
                spelled = arguments.pop(0) if arguments else keywords.get("method")
                methods = [*self.evaluation.text(spelled, scope)] if spelled is not None else []
                methods = [None if HOLE in str(each) else str(each).upper() for each in methods] or [None]
            path = arguments[0] if arguments else keywords.get("path") or keywords.get("url")
            for destination, template in self._destinations(target, path, scope):
                for method in methods:
                    yield self._site(destination, method, template, node, scope)

    def _targets(self, function: ast.expr, scope: Scope) -> Iterator[tuple[App | Client, str]]:
        for value in self.evaluation.of(function, scope):
            if isinstance(value, Method) and value.name in (*METHODS, "request", "stream"):
                if isinstance(value.owner, (App, Client)):
                    yield value.owner, value.name
            elif isinstance(value, Foreign) and value.name not in CLIENTS:
                library, _, name = value.name.partition(".")
                if library in _LIBRARIES and name in (*METHODS, "request", "stream"):
                    yield Client(None), name

    def _destinations(
        self, target: App | Client, path: ast.expr | None, scope: Scope
    ) -> Iterator[tuple[App | Url, str | None]]:
        """Yield the app and the path of a request. Requests to other places are left out."""
        values = self.evaluation.of(path, scope) if path is not None else (Text(""),)
        urls = [value for value in values if isinstance(value, Url)]
        base = target.base if isinstance(target, Client) else None
        for url in urls:
            yield url, _joined("", url.suffix)
        if isinstance(target, App) or base is not None:
            texts = [value.text for value in values if isinstance(value, Text)]
            prefix = base.suffix if base is not None else ""
            destination = target if isinstance(target, App) else base
            assert destination is not None
            for text in texts:
                if "://" not in text:
                    # A path that begins with a part that is not known may be anything.
                    yield destination, None if text.startswith(HOLE) else _joined(prefix, text)
            if not texts and not urls:
                yield destination, None

    def _site(
        self, target: App | Url, method: str | None, template: str | None, node: ast.Call, scope: Scope
    ) -> CallSite:
        key = (node, target, method, template)
        if key in self.sites:
            return self.sites[key]
        path, _, inline = (template or "").partition("?")
        site = CallSite(target, method, None if template is None else path, node, str(scope.file.path))
        self.sites[key] = site
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        query: Any = {}
        if "params" in keywords:
            query = self._pairs(keywords["params"], scope)
        site.query = query if not isinstance(query, dict) else {**_inline_query(inline), **query}
        site.headers = self._header_names(keywords, scope)
        if "json" in keywords:
            site.has_json, site.json = True, self.shapes.of(keywords["json"], scope)
        site.has_other_body = any(name in keywords for name in _OTHER_BODIES)
        if None in keywords:  # `**options`
            site.query = site.headers = None
            site.has_other_body = True
        return site

    def _pairs(self, node: ast.expr, scope: Scope) -> Any:
        """Return the shape of query parameters, which may be a list of pairs."""
        if isinstance(node, (ast.List, ast.Tuple)):
            pairs = [each.elts for each in node.elts if isinstance(each, ast.Tuple) and len(each.elts) == 2]
            names = [self.evaluation.text(pair[0], scope) for pair in pairs]
            if len(pairs) == len(node.elts) and all(len(name) == 1 and HOLE not in name[0] for name in names):
                return {name[0]: None for name in names}
            return None
        return self.shapes.of(node, scope)

    def _header_names(self, keywords: dict[str | None, ast.expr], scope: Scope) -> list[str] | None:
        if not keywords.keys() & {"headers", "auth", "cookies"}:
            return []
        shape = self.shapes.of(keywords["headers"], scope) if "headers" in keywords else {}
        if not isinstance(shape, dict) or MORE in shape or "cookies" in keywords:
            return None
        return sorted({*(name.lower() for name in shape), *(["authorization"] if "auth" in keywords else [])})


def _joined(prefix: str, path: str) -> str:
    """Join a path to that of a base URL, with one slash between."""
    if not path or path.startswith("?"):
        return f"{prefix.rstrip('/') or '/'}{path}"
    return f"{prefix.rstrip('/')}/{path.removeprefix('/')}"


def _inline_query(text: str) -> dict[str, Any]:
    pairs = parse_qsl(text, keep_blank_values=True)
    return {name: constant(value) for name, value in pairs if HOLE not in name}
