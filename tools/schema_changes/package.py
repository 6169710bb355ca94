"""A package schema as values: the parts of Pulumi's format (pulumi/pulumi pkg/codegen/schema/pulumi.json).

A key that these classes do not have is an error: nobody has decided yet if a change of it breaks users.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

Language = Mapping[str, JsonValue]


class Part(BaseModel):
    """A part of the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    description: str = ""


class Type(Part):
    """A type: a primitive, a reference to a named type or resource, a list, a map or a union."""

    type: str = ""
    ref: str = Field("", alias="$ref")
    items: Type | None = None
    additional_properties: Type | None = None
    one_of: tuple[Type, ...] = ()
    discriminator: JsonValue = None
    plain: bool = False

    def __str__(self) -> str:
        if self.one_of:
            return " or ".join(sorted({str(each) for each in self.one_of}))
        if self.ref:
            return self.ref.removeprefix("#/types/").removeprefix("#/resources/").removeprefix("pulumi.json#/")
        if self.type == "array":
            return f"list of {_within(self.items)}"
        if self.type == "object":
            return f"map of {_within(self.additional_properties)}"
        return self.type

    @property
    def members(self) -> frozenset[str]:
        """The members of a union, as texts."""
        return frozenset(str(each) for each in self.one_of)

    @property
    def references(self) -> frozenset[str]:
        """The tokens of the named types in this type."""
        inner = (self.items, self.additional_properties, *self.one_of)
        tokens = frozenset(token for each in inner if each is not None for token in each.references)
        return tokens | {self.ref.removeprefix("#/types/")} if self.ref.startswith("#/types/") else tokens

    @property
    def plain_parts(self) -> tuple[bool, ...]:
        """The flag `plain` of this type and of each type in it."""
        inner = (self.items, self.additional_properties, *self.one_of)
        return (self.plain, *(flag for each in inner if each is not None for flag in each.plain_parts))


class Property(Type):
    """A property of an object, a resource, a function or the configuration."""

    const: JsonValue = None
    default: JsonValue = None
    default_info: JsonValue = None
    deprecation_message: str = ""
    language: Language = {}
    secret: bool = False
    replace_on_changes: bool = False
    will_replace_on_changes: bool = False


class EnumValue(Part):
    """One value of an enum. Programs use its name."""

    value: JsonValue
    name: str = ""
    deprecation_message: str = ""


class NamedType(Part):
    """An object type or an enum."""

    type: str = "object"
    properties: Mapping[str, Property] = {}
    required: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    enum: tuple[EnumValue, ...] = ()
    language: Language = {}
    is_overlay: bool = False
    overlay_supported_languages: tuple[str, ...] = ()


class Alias(Part):
    """A former token of a resource."""

    type: str


class Resource(Part):
    """A resource, a component or the provider."""

    type: str = "object"
    input_properties: Mapping[str, Property] = {}
    required_inputs: tuple[str, ...] = ()
    plain_inputs: tuple[str, ...] = ()
    properties: Mapping[str, Property] = {}
    required: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    state_inputs: NamedType = NamedType()
    list_inputs: NamedType = NamedType()
    aliases: tuple[Alias, ...] = ()
    deprecation_message: str = ""
    is_component: bool = False
    methods: Mapping[str, str] = {}
    language: Language = {}
    is_overlay: bool = False
    overlay_supported_languages: tuple[str, ...] = ()


class Function(Part):
    """A function that programs call."""

    inputs: NamedType = NamedType()
    outputs: NamedType = NamedType()
    multi_argument_inputs: tuple[str, ...] = ()
    deprecation_message: str = ""
    language: Language = {}
    is_overlay: bool = False
    overlay_supported_languages: tuple[str, ...] = ()


class Config(Part):
    """The stack configuration of the package."""

    variables: Mapping[str, Property] = {}
    defaults: tuple[str, ...] = ()


class Package(Part):
    """The schema of a package."""

    name: str
    display_name: str = ""
    version: str = ""
    keywords: tuple[str, ...] = ()
    homepage: str = ""
    license: str = ""
    attribution: str = ""
    repository: str = ""
    logo_url: str = Field("", alias="logoUrl")
    plugin_download_url: str = Field("", alias="pluginDownloadURL")
    publisher: str = ""
    namespace: str = ""
    dependencies: JsonValue = None
    meta: JsonValue = None
    allowed_package_names: tuple[str, ...] = ()
    language: Mapping[str, Language] = {}
    config: Config = Config()
    types: Mapping[str, NamedType] = {}
    provider: Resource = Resource()
    resources: Mapping[str, Resource] = {}
    functions: Mapping[str, Function] = {}

    @staticmethod
    def read(file: Path) -> Package:
        """Read a schema. Raises pydantic's ValidationError, which names the key that is unknown or wrong."""
        return Package.model_validate_json(file.read_text(encoding="utf-8"))


def _within(part: Type | None) -> str:
    text = "string" if part is None else str(part)
    return f"({text})" if " or " in text else text
