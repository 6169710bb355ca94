"""The files of a Pulumi project: YAML or JSON with keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from pulumi_flyte_review.errors import EngineError
from pulumi_flyte_review.model.preview import Json


def read_yaml(path: Path) -> Mapping[str, Json]:
    """Return the document of a file, without keys for an empty one. Raises EngineError."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise EngineError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    if document is not None and not isinstance(document, dict):
        raise EngineError(f"{path} has no keys at its top")
    return document or {}
