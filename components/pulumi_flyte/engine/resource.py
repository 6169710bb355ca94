"""The base of this package's custom resources: names, version, typed output attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

import pulumi

from pulumi_flyte.arguments.call import CheckedCall
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.version import VERSION

T = TypeVar("T")


def versioned(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Return the caller's options with this package's plugin version; without it the engine starts a second plugin."""
    version = opts.version if opts is not None and opts.version else VERSION
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(version=version))


class Attribute(Generic[T]):
    """An output of a resource as a Python attribute: `app.public_endpoint` is the property `publicEndpoint`.

    A descriptor without `__set__`: the SDK stores outputs under their property names in the instance,
    and if both names are equal, the instance's own entry wins.
    """

    def __init__(self, doc: str, convert: Callable[[Any], T] | None = None) -> None:
        self.__doc__ = doc
        self._convert = convert

    def __set_name__(self, owner: type, name: str) -> None:
        self._property = camel(name)

    @overload
    def __get__(self, instance: None, owner: type) -> Attribute[T]: ...

    @overload
    def __get__(self, instance: object, owner: type) -> pulumi.Output[T]: ...

    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is None:
            return self
        output = instance.__dict__[self._property]
        convert = self._convert
        # In a unit test a mock may have answered without this property.
        return output if convert is None else output.apply(lambda value: None if value is None else convert(value))


def replaced_in_place(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Return the options with `delete_before_replace`, for an object that carries no mark of its creation.

    Names are the user's, so `pulumi up --replace` makes an object of the same name. Where the plugin cannot tell the
    two apart, the old one has to be deleted first, or the new one would be deleted.
    """
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(delete_before_replace=True), opts)


class FlyteResource(CheckedCall, pulumi.CustomResource):
    """A CRUD resource of the plugin `flyte`."""

    def __init__(
        self,
        token: str,
        resource_name: str,
        inputs: Mapping[str, object],
        outputs: tuple[str, ...],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        # The SDK makes an output, which is four futures and a task, of every property that it is told of. Most of a
        # resource's many properties are unset, and only what has an attribute can be asked for.
        props: dict[str, object] = {camel(key): value for key, value in inputs.items() if value is not None}
        for key in (*outputs, *_attributes(type(self))):
            props.setdefault(key, None)
        super().__init__(token, resource_name, props, versioned(opts))


def _attributes(kind: type) -> Iterator[str]:
    """Yield the properties that a class of resources gives out as attributes."""
    return (camel(name) for name, value in vars(kind).items() if isinstance(value, Attribute))


def existing(id: pulumi.Input[str], opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Return options with which a constructor reads an existing object instead of declaring one."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))


def last_part(id: pulumi.Input[str]) -> pulumi.Input[str]:
    """Return the name at the end of an id.

    The id of a read is such a name. The plugin thereby knows that it is not an import, which it refuses for an object
    that this stack does not manage."""
    if isinstance(id, str):
        return id.rpartition("/")[2].partition("@")[0]
    output: pulumi.Output[str] = pulumi.Output.all(id).apply(lambda ids: str(ids[0]))
    return output.apply(lambda text: text.rpartition("/")[2].partition("@")[0])
