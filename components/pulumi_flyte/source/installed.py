"""`Installed`: the distributions that an interpreter has, read from their metadata."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from pulumi_flyte.errors import SourceError
from pulumi_flyte.source import process, staging
from pulumi_flyte.source.description import Json

_SCRIPT = Path(__file__).parent / "reader" / "installed.py"
_FORMAT = 1
_TIME_LIMIT = 60.0


def canonical(name: str) -> str:
    """Normalise the name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Distribution:
    """An installed distribution.

    requires: its requirements, with markers. scripts: the commands that it brings. url: where it was installed from, or
    "" for a package index.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Installed:
    """The distributions that an interpreter has installed.

    distributions: by their normalised name. modules: the normalised names of the distributions that bring a module.
    """

    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    modules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, document: Json) -> Installed:
        """Read the document that reader/installed.py prints."""
        distributions = {
            canonical(name): Distribution(
                name, each["version"], tuple(each["requires"]), tuple(each["scripts"]), each["url"]
            )
            for name, each in document["distributions"].items()
        }
        modules = {name: tuple(map(canonical, owners)) for name, owners in document["modules"].items()}
        return cls(distributions, modules)

    @cached_property
    def scripts(self) -> Mapping[str, str]:
        """The distribution that brings a command, by the command's name."""
        return {script: name for name, each in self.distributions.items() for script in each.scripts}


@cache
def read_installed(interpreter: str) -> Installed:
    """Return what an interpreter has installed. Raises SourceError if this is not known.

    The answer is kept on this machine until something is installed or removed.
    """
    site = Path(interpreter).parent.parent / "lib"
    times = sorted(str(path.stat().st_mtime_ns) for path in site.glob("python*/site-packages"))
    key = json.dumps([_FORMAT, interpreter, times, os.environ.get("PYTHONPATH")])
    record = staging.cache() / "installed" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    try:
        return Installed.parse(json.loads(record.read_bytes()))
    except (OSError, ValueError, KeyError):
        output = _ask(interpreter)
    installed = Installed.parse(json.loads(output))
    if times:
        staging.write(record, output)
    return installed


def _ask(interpreter: str) -> bytes:
    try:
        return subprocess.run(
            [interpreter, str(_SCRIPT)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=process.environment(),
            timeout=_TIME_LIMIT,
            check=True,
        ).stdout
    except OSError as error:
        raise SourceError(f"the interpreter {interpreter!r} cannot be started: {error.strerror}") from None
    except subprocess.SubprocessError as error:
        raise SourceError(f"the interpreter {interpreter!r} does not say what is installed: {error}") from None
