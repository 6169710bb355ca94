"""Pulumi's resource names, and the owner that an object is marked with."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_flyte_provider.errors import ProviderError


@dataclass(frozen=True)
class Urn:
    """The name of a resource: `urn:pulumi:{stack}::{project}::{parent types}${type}::{name}`."""

    text: str
    stack: str
    project: str
    types: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Parse a URN. Raise ProviderError if the text is not a URN."""
        parts = text.removeprefix("urn:pulumi:").split("::", 3)
        if len(parts) != 4:
            raise ProviderError(f"{text!r} is not a Pulumi URN")
        stack, project, types, name = parts
        return cls(text=text, stack=stack, project=project, types=types, name=name)

    @property
    def type(self) -> str:
        """The type of the resource, without the types of its parents."""
        return self.types.rsplit("$", 1)[-1]

    @property
    def stack_mark(self) -> str:
        """The text that every owner of this stack starts with."""
        return f"{self.project}/{self.stack}/"

    @property
    def owner(self) -> str:
        """The owner in an object's mark: `{project}/{stack}/{parent types}${type}::{name}`.

        It includes the types of the parents, as the URN does. For the engine, a resource that was moved without
        `aliases` is another one: it creates the new one and then deletes the old one. If both had the same mark, that
        would delete the new object.
        """
        return f"{self.stack_mark}{self.types}::{self.name}"
