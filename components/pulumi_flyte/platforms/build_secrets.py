"""Secrets of image builds, such as the URL of a private package index: variables of steps, and in no layer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

import pulumi

from pulumi_flyte.problems import Problems

KEY = "buildSecrets"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def build_secrets(problems: Problems) -> Mapping[str, pulumi.Output[str]]:
    """Return those of the stack configuration, by variable. The variables are known, and the values stay secret."""
    config = pulumi.Config("flyte")
    try:
        document = config.get_object(KEY) or {}
    except pulumi.ConfigTypeError:
        document = None
    whole = config.get_secret_object(KEY) if document else None
    if not isinstance(document, Mapping) or not all(isinstance(value, str) for value in document.values()):
        problems.add(
            f"flyte:{KEY}",
            f"expected a mapping: set it with pulumi config set --secret --path flyte:{KEY}.UV_DEFAULT_INDEX https://…",
        )
        return {}
    for name in document:
        if not _VARIABLE.fullmatch(name):
            problems.add(f"flyte:{KEY}", "a build secret is named as a variable is: letters, digits and '_'", name)
    if whole is None:
        return {}
    return {name: pulumi.Output.secret(whole.apply(partial(_entry, name))) for name in document}


def _entry(name: str, document: Mapping[str, str]) -> str:
    return document[name]
