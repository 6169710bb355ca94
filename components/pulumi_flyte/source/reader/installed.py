"""Prints what is installed in the interpreter that runs this file, as JSON. It imports the standard library only.

It is started by path, in a process of its own: what is installed needs no import of the user's code.
"""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def main() -> None:
    """Print the document."""
    folder = Path(__file__).resolve().parent
    # The folder's own modules would shadow those of the standard library and of the user.
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != folder]
    print(json.dumps({"distributions": distributions(), "modules": modules()}))


def distributions() -> Json:
    """Return each distribution by its name. The first on the import path wins, as it does for imports."""
    documents: Json = {}
    for each in metadata.distributions():
        name = each.metadata["Name"]
        if name and name not in documents:
            documents[name] = {
                "version": each.version,
                "requires": each.requires or [],
                "scripts": [entry.name for entry in each.entry_points if entry.group == "console_scripts"],
                "url": direct_url(each),
            }
    return documents


def direct_url(distribution: metadata.Distribution) -> str:
    """Return where a distribution was installed from, or "" for a package index. https://peps.python.org/pep-0610/"""
    text = distribution.read_text("direct_url.json")
    document: Json = json.loads(text) if text else {}
    url, vcs = document.get("url", ""), document.get("vcs_info")
    return f"{vcs['vcs']}+{url}@{vcs['commit_id']}" if vcs else url


def modules() -> dict[str, list[str]]:
    """Return the distributions of each top-level module. A namespace that several share has its parts besides."""
    owners = {name: sorted(set(brought)) for name, brought in metadata.packages_distributions().items()}
    shared = {name for name, brought in owners.items() if len(brought) > 1}
    for name in sorted({each for namespace in shared for each in owners[namespace]}):
        for file in metadata.files(name) or ():
            parts = file.with_suffix("").parts
            if parts[0] in shared and file.suffix == ".py":
                for depth in (2, 3):
                    owned = owners.setdefault(".".join(parts[:depth]), [])
                    if name not in owned:
                        owned.append(name)
    return owners


if __name__ == "__main__":
    main()
