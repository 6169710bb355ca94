"""`python -m tools.schema_changes OLD NEW` prints each breaking change on a line. It ends with 1 if there is one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from tools.schema_changes.comparison import breaking_changes
from tools.schema_changes.package import Package


def main() -> int:
    """Compare two files."""
    parser = argparse.ArgumentParser(prog="python -m tools.schema_changes", description=__doc__)
    parser.add_argument("old", type=Path, help="the schema of a release")
    parser.add_argument("new", type=Path, help="the schema that is to follow it")
    files = parser.parse_args()
    try:
        old, new = Package.read(files.old), Package.read(files.new)
    except UnicodeDecodeError as error:
        print(f"a schema is JSON in UTF-8: {error}", file=sys.stderr)
        return 2
    except (OSError, ValidationError) as error:
        print(error, file=sys.stderr)
        return 2
    changes = breaking_changes(old, new)
    for change in changes:
        print(change)
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
