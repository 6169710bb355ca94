"""Run a program under the stand-in engine: a request as JSON on standard input, the answer on standard output.

What the program itself prints goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys

from pulumi_flyte_review.engine.offline.program.execution import answer_of


def main() -> None:
    """Run the program, and write its answer."""
    request = json.load(sys.stdin)
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answer:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        json.dump(answer_of(request), answer)


if __name__ == "__main__":
    main()
