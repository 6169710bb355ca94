"""`Resources`: what a container asks for and may use, in Kubernetes' quantities."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeAlias, TypedDict

from pydantic_core import PydanticCustomError

from pulumi_flyte.arguments.declaration import Declaration, Property
from pulumi_flyte.arguments.refusal import Converted, refused
from pulumi_flyte.notation.amounts import above_limits, doubts
from pulumi_flyte.notation.quantities import MOST_UNSIGNED, is_quantity, whole
from pulumi_flyte.problems import Problem

Quantity: TypeAlias = str | int | float
# One quantity is a request; a pair is a request and a limit.
Amount: TypeAlias = Quantity | tuple[Quantity, Quantity]

_GPU = re.compile(r"([A-Za-z][-A-Za-z0-9 _]*):(\d+)", re.ASCII)
_MOST = 2**63 - 1
_NO_QUANTITY = "not a quantity: write a number with an optional unit, such as 500m, 2, 512Mi or 1Gi"


def quantity(value: object) -> str:
    """Return a quantity as a text. Raises for anything else."""
    text = value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) > _MOST:
            raise refused(Problem("", "Kubernetes takes no quantity above 2**63 - 1", value))
        text = str(whole(value))
    if not isinstance(text, str) or not is_quantity(text):
        raise refused(Problem("", _NO_QUANTITY, value))
    return text


def amount(value: object) -> object:
    """Return a quantity or a pair of quantities as texts. Raises with the problems of each."""
    if not isinstance(value, (list, tuple)):
        return quantity(value)
    if len(value) not in (1, 2):
        raise refused(Problem("", "give one quantity, or a pair of request and limit", value))
    texts, problems = [], list[Problem]()
    for part in value:
        try:
            texts.append(quantity(part))
        except PydanticCustomError as error:
            problems += (error.context or {}).get("problems", ())
    if problems:
        raise refused(*problems)
    return tuple(texts) if len(texts) == 2 else texts[0]


def gpu(value: object) -> object:
    """Return a count of GPUs, or a device and its count. Raises for anything else."""
    count = whole(value)
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MOST_UNSIGNED:
        return count
    if isinstance(value, str) and _GPU.fullmatch(value):
        return value
    raise refused(Problem("", 'not a GPU: write a count, or a device and a count such as "T4:1"', value))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Resources(Declaration):
    """Requests and limits of a container. A pair of quantities is a request and a limit."""

    expected: ClassVar[str] = 'expected a mapping such as {"cpu": "500m", "memory": "512Mi"}'
    key_noun: ClassVar[str] = "resource"

    cpu: Annotated[Amount | None, Converted(amount), Property("CPU cores, such as `500m`.")] = None
    memory: Annotated[Amount | None, Converted(amount), Property("Memory, such as `512Mi`.")] = None
    disk: Annotated[Amount | None, Converted(amount), Property("Ephemeral storage, such as `1Gi`.")] = None
    gpu: Annotated[str | int | None, Converted(gpu), Property("A count, or a device and a count such as `T4:1`.")] = (
        None
    )
    shm: Annotated[Quantity | None, Converted(quantity), Property("Shared memory, such as `1Gi`.")] = None

    def conflicts(self, keys: Collection[str]) -> Iterator[Problem]:
        for name, reason in above_limits(self.requests, self.limits).items():
            yield Problem(_KEYS[name], reason)

    @property
    def requests(self) -> dict[str, str]:
        """The requests, under the names of the Flyte API."""
        requests = {name: _parts(value)[0] for name, value in self._pairs()}
        if self.gpu is not None:
            requests["gpu"] = str(self.gpu).rpartition(":")[2]
        return requests

    @property
    def limits(self) -> dict[str, str]:
        """The limits, under the names of the Flyte API."""
        return {name: parts[1] for name, value in self._pairs() if len(parts := _parts(value)) == 2}

    @property
    def accelerator(self) -> str | None:
        """The device of the GPUs, if one is named."""
        return str(self.gpu).rpartition(":")[0] or None if self.gpu is not None else None

    def _pairs(self) -> Iterator[tuple[str, Amount]]:
        for name, value in (("cpu", self.cpu), ("memory", self.memory), ("ephemeralStorage", self.disk)):
            if value is not None:
                yield name, value


class ResourcesDict(TypedDict, total=False):
    """`Resources` as a mapping."""

    cpu: Amount | None
    memory: Amount | None
    disk: Amount | None
    gpu: str | int | None
    shm: Quantity | None


_KEYS = {"cpu": "cpu", "memory": "memory", "ephemeralStorage": "disk", "gpu": "gpu", "sharedMemory": "shm"}


def _parts(value: Amount) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, tuple) else (str(value),)


def resource_doubts(properties: Mapping[str, object]) -> list[str]:
    """Return the warnings of a preview about the property `resources` of `flyte:api:App` or `flyte:api:Task`."""
    quantities: list[tuple[str, str]] = []
    for side in (properties.get("requests"), properties.get("limits")):
        if isinstance(side, Mapping):
            quantities += side.items()
    shared = properties.get("sharedMemory")
    if isinstance(shared, str):
        quantities.append(("sharedMemory", shared))
    texts = [(_KEYS.get(name, name), doubts(name, text)) for name, text in quantities]
    return list(dict.fromkeys(f"resources.{key}: {doubt}" for key, doubt in texts if doubt is not None))
