"""The description of a source: frozen values, parsed from the reader's JSON answer where that arrives.

Every program with an App or a Task imports this module, and a dataclass costs half a millisecond then. So pairs are
named tuples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# A document that is passed on as it is, such as a protobuf message in JSON.
Json = Mapping[str, Any]


class Footprint(NamedTuple):
    """The files below the root that a source uses. A reading is repeated when any of it changes.

    `files`: its code, place in the bundle -> path relative to the root. `data_lines`: the paths of data that the code
    names, each with the line that names it. `read`: files that it read on import. `listed`: folders of which it takes
    every module. `absent`: modules and files that it looked for and that do not exist.
    """

    files: Mapping[str, str] = {}
    data_lines: Mapping[str, str] = {}
    read: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @classmethod
    def parse(cls, answer: Json) -> Footprint:
        """Take these parts of an answer."""
        read, listed, absent = (tuple(answer.get(key, ())) for key in ("read", "listed", "absent"))
        return cls(answer["files"], answer.get("data_lines", {}), read, listed, absent)


class StockImage(NamedTuple):
    """The image that Flyte publishes for the reader's Python and Flyte SDK, and the distributions that it lacks."""

    uri: str = ""
    lacks: tuple[str, ...] = ()


class SourceImage(NamedTuple):
    """An image that Flyte code declares: usable by its `uri`, or with `layers` that have to be built first.

    `base` is the image that the layers are put on, `dockerfile` the path of a Dockerfile that says everything instead.
    A layer is a step of reader/flyte_internals.py. `platforms` are those that it is built for.
    `definition` is the part of the layers that a Python environment can have, in the form of the local control plane
    (flyte_local/images/definition.py). `skipped` are the other parts, each as a phrase for a person. `files` are those
    that the image is made from, relative to the root.
    """

    uri: str
    layers: tuple[Json, ...] = ()
    base: str = ""
    dockerfile: str = ""
    platforms: tuple[str, ...] = ()
    definition: Mapping[str, Any] = {}
    skipped: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @classmethod
    def parse(cls, answer: Json) -> SourceImage | None:
        """Return the image, or None for the stock image."""
        image = answer.get("image", {})
        if not image.get("uri"):
            return None
        layers, platforms = (tuple(image.get(key, ())) for key in ("layers", "platforms"))
        skipped, files = (tuple(image.get(key, ())) for key in ("skipped", "files"))
        return cls(
            image["uri"],
            layers,
            image.get("base", ""),
            image.get("dockerfile", ""),
            platforms,
            image.get("definition", {}),
            skipped,
            files,
        )


class RequestedSecret(NamedTuple):
    """A secret that Flyte code requests by its key.

    variable: the variable that gets its value. None: the secret is mounted as a file.
    """

    key: str
    variable: str | None

    @classmethod
    def parse(cls, secret: Json) -> RequestedSecret:
        """Read a `core.Secret`."""
        mounted = secret.get("mountRequirement") == "FILE"
        return cls(secret["key"], None if mounted else secret.get("envVar") or None)


@dataclass(frozen=True, kw_only=True)
class Description:
    """Describes a source. The base class itself describes a workload without one.

    `include` are patterns relative to the root, `depends_on` names of Flyte environments. `api` is the API of an
    application (reader/openapi.py), None if it has no document. `calls` are the calls of wired apps and tasks in the
    code (reader/calls).
    """

    footprint: Footprint = field(default_factory=Footprint)
    stock_image: StockImage = field(default_factory=StockImage)
    name: str | None = None
    image: SourceImage | None = None
    include: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    api: Json | None = None
    calls: tuple[Json, ...] = ()


class AsgiDescription(Description):
    """An ASGI application, or a function that returns one."""


@dataclass(frozen=True, kw_only=True)
class AppEnvironmentDescription(Description):
    """A Flyte `AppEnvironment`.

    spec: the `app.Spec` that Flyte's own deploy sends. requires_auth: None: the code does not pass this argument.
    """

    name: str
    spec: Json
    requires_auth: bool | None = None

    @property
    def secrets(self) -> tuple[RequestedSecret, ...]:
        """The secrets that the environment requests."""
        return _secrets(self.spec)


@dataclass(frozen=True, kw_only=True)
class TaskDescription(Description):
    """A Flyte task. `spec` is the `task.TaskSpec` that Flyte's own deploy sends, `triggers` are its `TaskTrigger`s.

    `starts` are the names of the other tasks that it may start.
    """

    name: str
    spec: Json
    triggers: tuple[Json, ...] = ()
    starts: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[RequestedSecret, ...]:
        """The secrets that the task requests."""
        return _secrets(self.spec.get("taskTemplate", {}))


FlyteDescription = AppEnvironmentDescription | TaskDescription


def describe(answer: Json) -> AsgiDescription | FlyteDescription:
    """Parse the reader's answer for one source."""
    return AsgiDescription(**_shared(answer)) if answer["kind"] == "asgi" else describe_flyte(answer)


def describe_flyte(answer: Json) -> FlyteDescription:
    """Parse the reader's answer for a Flyte object."""
    if answer["kind"] == "task":
        triggers, starts = tuple(answer["triggers"]), tuple(answer.get("starts", ()))
        return TaskDescription(**_shared(answer), spec=answer["spec"], triggers=triggers, starts=starts)
    requires_auth = answer.get("requires_auth")
    return AppEnvironmentDescription(**_shared(answer), spec=answer["spec"], requires_auth=requires_auth)


def _shared(answer: Json) -> dict[str, Any]:
    return {
        "footprint": Footprint.parse(answer),
        "stock_image": StockImage(answer["stock_image"] or "", tuple(answer["missing_from_stock"])),
        "name": answer.get("name"),
        "image": SourceImage.parse(answer),
        "include": tuple(answer.get("include", ())),
        "depends_on": tuple(answer.get("depends_on", ())),
        "api": answer.get("api"),
        "calls": tuple(answer.get("calls", ())),
    }


def _secrets(spec: Json) -> tuple[RequestedSecret, ...]:
    return tuple(RequestedSecret.parse(secret) for secret in spec.get("securityContext", {}).get("secrets", ()))
