"""The cache of the reader's answers, so that a preview without changes starts no process.

An answer is good as long as every file that took part in it has the same content. The cache is machine-local and holds
nothing that state depends on.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from pulumi_flyte.source import process, staging
from pulumi_flyte.source.data import STAGE
from pulumi_flyte.source.description import Footprint, Json
from pulumi_flyte.source.request import Request

_FORMAT = 12


def answer(request: Request) -> Json:
    """Return the reader's answer to a request, from the cache if nothing changed. Raises SourceError."""
    record = _record(request)
    cached = _cached(record, request.root)
    if cached is not None:
        return cached
    fresh = process.ask(request)
    if not fresh.get("problems") and not fresh.get("volatile"):  # may be different without a change of these files
        state = _state_of(Footprint.parse(fresh), request.root)
        staging.write(record, json.dumps({"state": state, "answer": fresh}).encode())
    return fresh


def _record(request: Request) -> Path:
    """Return the path of an answer in the cache, by everything but the files' contents."""
    site = Path(request.interpreter).parent.parent / "lib"
    packages = sorted(str(p.stat().st_mtime_ns) for p in site.glob("python*/site-packages"))
    parts = [_FORMAT, request.as_dict(), request.interpreter, packages, os.environ.get("PYTHONPATH")]
    key = json.dumps(parts, sort_keys=True)
    return staging.cache() / "readings" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _cached(record: Path, root: Path) -> Json | None:
    try:
        content = json.loads(record.read_bytes())
        cached: Json = content["answer"]
        return cached if content["state"] == _state_of(Footprint.parse(cached), root) else None
    except (OSError, ValueError, KeyError):
        return None


def _state_of(footprint: Footprint, root: Path) -> dict[str, Any]:
    """Return the state of everything that an answer depends on: contents of files, names in folders, absent modules.

    Raises OSError if a file is gone.
    """
    files = {*footprint.files.values(), *footprint.read}
    absent = (f"{root}/{place}{suffix}" for place in footprint.absent for suffix in ("", ".py"))
    return {
        "files": {path: hashlib.sha256((root / path).read_bytes()).hexdigest() for path in sorted(files)},
        "folders": {path: _names_in(root / path) for path in footprint.listed},
        "appeared": [path for path in absent if os.path.lexists(path)],
    }


def _names_in(folder: Path) -> list[str]:
    return sorted(set(os.listdir(folder)) - {"__pycache__", STAGE}) if folder.is_dir() else []
