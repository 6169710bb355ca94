"""Pulumi's resource names, and the owner that an object is marked with."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_flyte_provider.errors import ProviderError


@dataclass(frozen=True)
class Urn:
    """`urn:pulumi:{stack}::{project}::{parent types}${type}::{name}`."""

    text: str
    stack: str
    project: str
    types: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Return a URN. Raise ProviderError if the text is none."""
        parts = text.removeprefix("urn:pulumi:").split("::", 3)
        if len(parts) != 4:
            raise ProviderError(f"{text!r} is not a Pulumi URN")
        stack, project, types, name = parts
        return cls(text=text, stack=stack, project=project, types=types, name=name)

    @property
    def type(self) -> str:
        """The resource's own type, without those of its parents."""
        return self.types.rsplit("$", 1)[-1]

    @property
    def stack_mark(self) -> str:
        """The text that every owner of this stack starts with."""
        return f"{self.project}/{self.stack}/"

    @property
    def owner(self) -> str:
        """The owner as objects carry it: `{project}/{stack}/{parent types}${type}::{name}`.

        The parents belong to it as they belong to the URN: a resource that was moved without `aliases` is another one
        to the engine, which deletes the old one after it made the new one. With equal marks that would be the same
        object.
        """
        return f"{self.stack_mark}{self.types}::{self.name}"
