"""`Recipe`: what an image is made of, before anything is written or built. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Kubernetes checks `runAsNonRoot` against a number. This one is the `nonroot` user of distroless images.
USER = 65532
HOME = "/app"


@dataclass(frozen=True, slots=True)
class SystemPackages:
    """Packages of the base's distribution, by apt."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonPackages:
    """Packages of Python, which uv resolves together.

    requirements: lines of a requirements file. constraints: versions of what these require. options: more options of
    `uv pip install`.
    """

    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LockedPackages:
    """Packages of a project that has a `uv.lock`."""

    project: bytes
    lock: bytes


@dataclass(frozen=True, slots=True)
class Variables:
    """Environment variables."""

    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command that runs in the build."""

    text: str


@dataclass(frozen=True, slots=True)
class WorkingFolder:
    """The folder that later steps and the process start in."""

    path: str


@dataclass(frozen=True, slots=True)
class Files:
    """Files that are copied into a folder of the image: relative path -> content."""

    content: Mapping[str, bytes]
    folder: str


Step = SystemPackages | PythonPackages | LockedPackages | Variables | Command | WorkingFolder | Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """An image: a base, and what is put on it, in this order.

    python: such as "3.12"; None takes the base's own. code: what changes most often, so it is the last layer. The
    runtime library comes in a layer before it. secrets: the names of variables that the builder hands to steps which
    install packages of Python, and that are in no layer. writable_home: whether the process may write into the folder
    of its code, as Flyte's entrypoint does that unpacks a bundle there.
    """

    base: str
    python: str | None = None
    steps: tuple[Step, ...] = ()
    library: Mapping[str, bytes] = field(default_factory=dict)
    code: Mapping[str, bytes] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    writable_home: bool = False

    @property
    def installs_python_packages(self) -> bool:
        """True if a Python environment is made on top of the base."""
        return self.python is not None or any(isinstance(step, (PythonPackages, LockedPackages)) for step in self.steps)

    @property
    def home(self) -> str:
        """The folder of the code: the working folder of the last step that sets one."""
        folders = [step.path for step in self.steps if isinstance(step, WorkingFolder) and step.path.startswith("/")]
        return folders[-1] if folders else HOME
