"""Policies from a file: a Python module with a `PolicySet` called `policies`."""

from __future__ import annotations

import contextlib
import runpy
import sys
from pathlib import Path

from pulumi_flyte.policies.policy_set import PolicySet, builtin_policies
from pulumi_flyte.policies.rule import PolicyError

BUILTIN_NAME = "builtin"
_HINT = "it has no `policies = builtin_policies(…)`: docs/policies.md has an example"


def load_policies(place: str) -> PolicySet:
    """Return the policies of a file, of a folder's `policies.py`, or for `builtin` those that come with this package.

    Raises PolicyError.
    """
    if place == BUILTIN_NAME:
        return builtin_policies()
    path = Path(place)
    file = path / "policies.py" if path.is_dir() else path
    if not file.is_file():
        there_is_no = f"{place} has no policies.py" if path.is_dir() and place else f"{place!r}: there is no such file"
        raise PolicyError(f"{there_is_no}. Give a Python file, or `{BUILTIN_NAME}`")
    try:
        # Standard output is the report's.
        with contextlib.redirect_stdout(sys.stderr):
            policies = runpy.run_path(str(file)).get("policies")
    except PolicyError as error:
        raise PolicyError(f"{place}: {error}") from None
    except (Exception, SystemExit) as error:
        raise PolicyError(f"{place} cannot be run: {type(error).__name__}: {error}") from None
    if not isinstance(policies, PolicySet):
        raise PolicyError(f"{place}: {_HINT}")
    return policies
