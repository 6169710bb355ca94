"""The option `--policies` of `pulumi-flyte diff`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

from pulumi_flyte.policies import PolicyError, PolicySet
from pulumi_flyte.policies.loading import BUILTIN_NAME, load_policies

from pulumi_flyte_review.errors import UnusablePoliciesError
from pulumi_flyte_review.model.preview import Preview
from pulumi_flyte_review.report.policies import with_policies


class Policies(NamedTuple):
    """The policies of all `--policies`, each with the name that a report shows."""

    sets: tuple[tuple[str, PolicySet], ...] = ()


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--policies",
        action="append",
        default=[],
        metavar="FILE",
        help=f"check rules: a Python file with `policies`, or `{BUILTIN_NAME}`; may be given several times",
    )


def policies_of(options: argparse.Namespace) -> Policies:
    """Return the policies that the options name. Raises UnusablePoliciesError."""
    try:
        return Policies(tuple((_name(place), load_policies(place)) for place in options.policies))
    except PolicyError as error:
        raise UnusablePoliciesError(f"--policies {error}") from None


def checked(preview: Preview, policies: Policies) -> Preview:
    """Return a preview with what breaks the rules. Raises UnusablePoliciesError where a rule fails."""
    for name, rules in policies.sets:
        try:
            preview = with_policies(preview, name, rules)
        except PolicyError as error:
            raise UnusablePoliciesError(f"--policies {name}: {error}") from None
    return preview


def _name(place: str) -> str:
    path = Path(place)
    return place if place == BUILTIN_NAME else path.stem if path.stem != "policies" else path.resolve().parent.name
