"""Results by cache key: a cached task that ran with the same inputs is not run again."""

from __future__ import annotations

from flyte_local.context import Context
from flyte_local.data_files import OUTPUTS, path_of

_KIND = "result"


class ResultCache:
    """Where the outputs of finished cached actions are, within one project and domain."""

    def __init__(self, context: Context) -> None:
        self._store = context.store

    def get(self, scope: str, key: str) -> str | None:
        """The URI of the outputs' folder, None where nothing is cached or the files are gone."""
        body = self._store.get(_KIND, f"{scope}/{key}")
        if body is None or not (path_of(body.decode()) / OUTPUTS).is_file():
            return None
        return body.decode()

    def put(self, scope: str, key: str, outputs: str) -> None:
        """Remembers where the outputs are."""
        self._store.put(_KIND, f"{scope}/{key}", outputs.encode())
