"""`AppDomain`: an app's public name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, TypedDict

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.values import NonEmpty


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class AppDomain(Declaration):
    """The public name of an app, where the platform serves one. Flyte OSS ignores it."""

    expected: ClassVar[str] = "expected a mapping with some of subdomain, custom_domain"

    subdomain: Annotated[NonEmpty | None, Property("A subdomain of the platform's base domain.")] = None
    custom_domain: Annotated[NonEmpty | None, Property("A host name of your own.")] = None


class AppDomainDict(TypedDict, total=False):
    """`AppDomain` as a mapping."""

    subdomain: str | None
    custom_domain: str | None
