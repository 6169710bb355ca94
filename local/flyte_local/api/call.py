"""The context of one call of Flyte's API."""

from __future__ import annotations

from connectrpc.request import RequestContext

Call = RequestContext[object, object]
"""The headers and the method of a call. The generated services leave the types of both messages open as well."""
