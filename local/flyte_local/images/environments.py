"""The environments that are built from images: one folder under the server's home for each distinct definition.

    images/KEY/env/               the virtual environment
    images/KEY/files/             the files that the image copies into its working folder
    images/KEY/environment.json   written last: a folder without it is incomplete
    images/KEY.lock               held by the builder, and by its uv
    images/names/NAME             the key of an image that Flyte's SDK had built; NAME is `name:tag`, quoted

The key covers everything that goes into the environment, so an environment never changes. It is built where it stays,
because its programs contain the path of their interpreter.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from flyte_local.errors import ImageError
from flyte_local.home import Home, make_folder, write_file
from flyte_local.images import runtime
from flyte_local.images.definition import WAY_OUT, Definition
from flyte_local.images.uv import Say, Uv, UvFailedError
from flyte_local.processes.declared_paths import replaced

# An environment of another format is built again, under every name that it has.
_FORMAT = 2
_FILES = "files"
_READY = "environment.json"


@dataclass(frozen=True)
class Environment:
    """An interpreter, the variables of an image, and the files of its working folder.

    `home` is the server's folder. Its paths are not the image's, although it may be below `/root`.
    """

    python: str
    variables: Mapping[str, str] = field(default_factory=dict)
    files: Path | None = None
    workdirs: tuple[str, ...] = ()
    home: Path | None = None

    def lay_out(self, folder: Path) -> dict[str, str]:
        """Copy the files into a working folder. Return the variables with that folder instead of the image's."""
        if self.files is None:
            return dict(self.variables)
        shutil.copytree(self.files, folder, dirs_exist_ok=True)
        return {name: self.placed(value, folder) for name, value in self.variables.items()}

    def placed(self, text: str, folder: Path) -> str:
        """Return a text with a process's working folder instead of the image's, if the image has files in it."""
        if not self.workdirs:
            return text
        stays = {} if self.home is None else {str(self.home): self.home}
        return replaced(text, {**dict.fromkeys(self.workdirs, folder), **stays})


@dataclass(frozen=True)
class Built:
    """An environment that was built: its images, the arguments of uv, and the time in unix seconds."""

    key: str
    names: tuple[str, ...]
    python: str
    steps: tuple[str, ...]
    at: float


class Environments:
    """Finds and builds environments. Safe among threads and processes: the same one is built once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.path / "images"
        self._uv = Uv()

    def named(self, image: str) -> Environment | None:
        """Return the environment of an image that was built under this URI, or None if it does not exist."""
        try:
            return self._ready((self._names / _name(image)).read_text())
        except OSError:  # Not there, or longer than any name of a file.
            return None

    def name(self, image: str, environment: Environment) -> None:
        """Give the environment the name of an image."""
        key = Path(environment.python).relative_to(self._folder).parts[0]
        write_file(make_folder(self._names) / _name(image), key)

    def find(self, definition: Definition, python: str) -> Environment | None:
        """Return the environment of a definition that names no uploaded files, or None if it is not built.

        One that asks for variables alone needs none: it is `python` with them.
        """
        if not definition.steps and not definition.python:
            return Environment(python, definition.variables)
        return self._ready(_key(definition, _python(definition, python), None))

    def get(self, definition: Definition, python: str, context: Path | None = None, *, say: Say) -> Environment:
        """Return the environment of a definition. If it does not exist, it is built, which may take minutes.

        python: the interpreter that the workload would have without an image. context: the files that the
        definition's steps name; the folder is written to. Raises ImageError with uv's own last lines.
        """
        chosen = _python(definition, python)
        key = _key(definition, chosen, context)
        existing = self._ready(key)
        if existing is not None:
            return existing
        make_folder(self._folder)
        with self._home.lock(f"images/{key}.lock") as lock:
            return self._ready(key) or self._build(key, definition, chosen, context, lock, say)

    def built(self) -> list[Built]:
        """Return the environments that were built, the latest first."""
        names: dict[str, list[str]] = {}
        for name in self._names.glob("*"):
            names.setdefault(name.read_text(), []).append(unquote(name.name))
        environments = []
        for file in self._folder.glob(f"*/{_READY}"):
            try:
                facts, at = json.loads(file.read_text()), file.stat().st_mtime
            except FileNotFoundError:
                continue  # It is being built anew.
            steps = tuple(" ".join(step) for step in facts["steps"])
            key = file.parent.name
            environments.append(Built(key, tuple(sorted(names.get(key, ()))), facts["python"], steps, at))
        return sorted(environments, key=lambda built: -built.at)

    def stop(self) -> None:
        """End the builds that run."""
        self._uv.stop()

    @property
    def _names(self) -> Path:
        return self._folder / "names"

    def _ready(self, key: str) -> Environment | None:
        try:
            facts = json.loads((self._folder / key / _READY).read_text())
        except (FileNotFoundError, NotADirectoryError):
            return None
        python = self._folder / key / "env" / "bin" / "python"
        if facts.get("format") != _FORMAT or not os.access(python, os.X_OK):
            return None
        files = self._folder / key / _FILES
        return Environment(
            str(python),
            facts["variables"],
            files if files.is_dir() else None,
            tuple(facts["workdirs"]),
            self._folder.parent,
        )

    def _build(
        self, key: str, definition: Definition, python: str, context: Path | None, lock: int, say: Say
    ) -> Environment:
        if definition.missing:
            raise ImageError(
                f"the image cannot be had without containers: it needs {', '.join(definition.missing)}, and a process "
                "has the files below the working folder only. Copy them there (dst='.'), or run this on a Flyte that "
                "runs containers"
            )
        folder = self._folder / key
        shutil.rmtree(folder, ignore_errors=True)
        environment = make_folder(folder) / "env"
        for phrase in definition.skipped:
            say(f"not carried out: {phrase}. Apps and tasks run as processes here: {WAY_OUT}")
        try:
            with tempfile.TemporaryDirectory(dir=self._folder, prefix="context-") as made:
                files = context or Path(made)
                for name, text in definition.files.items():
                    (files / name).write_text(text)
                self._create(environment, python, files, lock, say)
                base, last = runtime.base_packages(definition.flyte), runtime.LAST_PACKAGES
                for step in (("pip", "install", *base), *definition.steps, ("pip", "install", *last)):
                    try:
                        self._uv.run(step, environment, files, lock, say)
                    except UvFailedError as error:
                        what = " ".join(part for part in step if "://" not in part)
                        raise ImageError(f"the image's packages cannot be installed (uv {what}): {error}") from None
                for source, target in definition.copies:
                    _copy(files / source, folder / _FILES, target)
            runtime.add_library(next(environment.glob("lib/python*/site-packages")))
            facts = {
                "format": _FORMAT,
                "python": python,
                "steps": definition.steps,
                "variables": dict(definition.variables),
                "workdirs": definition.workdirs,
            }
            write_file(folder / _READY, json.dumps(facts, indent=1))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        ready = self._ready(key)
        assert ready is not None
        return ready

    def _create(self, environment: Path, python: str, files: Path, lock: int, say: Say) -> None:
        try:
            self._uv.run(("venv", "--python", python, str(environment)), environment, files, lock, say)
        except UvFailedError as error:
            this_version = "{}.{}".format(*sys.version_info)
            raise ImageError(
                f"the image asks for Python {python!r}, which uv neither found nor could fetch ({error}): install it "
                f"on this machine, or ask for {this_version!r}"
            ) from None


def _copy(source: Path, root: Path, target: str) -> None:
    """Copy as COPY of a Dockerfile does: the content of a folder, or a file, possibly under another name.

    A link becomes the file that it leads to. A broken link is left out.
    """
    place = root / target
    if source.is_dir():
        shutil.copytree(source, place, dirs_exist_ok=True, ignore=_links_to_nowhere)
    else:
        name = place / source.name if target.endswith("/") or place.is_dir() else place
        name.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, name)


def _links_to_nowhere(folder: str, names: list[str]) -> list[str]:
    # copytree's own `ignore_dangling_symlinks` takes relative links as relative to this process's working folder.
    return [name for name in names if not os.path.exists(os.path.join(folder, name))]


def _name(image: str) -> str:
    """Return the name of an image without its registry, since Flyte's SDK asks for `name:tag` only."""
    return quote(image.rpartition("/")[2], safe=":")


def _python(definition: Definition, python: str) -> str:
    """Return the argument of `uv venv --python`: a version only if the workload's interpreter has another one."""
    if definition.python and definition.python != _version(python):
        return definition.python
    # Virtual environments of one interpreter give the same environment.
    return os.path.realpath(python)


def _version(python: str) -> str:
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return "{}.{}".format(*sys.version_info)
    try:
        code = "import sys; print('{}.{}'.format(*sys.version_info))"
        done = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ImageError(f"the interpreter {python!r} cannot be run: {error}") from None
    return done.stdout.strip()


def _key(definition: Definition, python: str, context: Path | None) -> str:
    facts = {
        "format": _FORMAT,
        "python": python,
        "base": [*runtime.base_packages(definition.flyte), *runtime.LAST_PACKAGES],
        "library": runtime.library_digest(),
        "steps": definition.steps,
        "files": dict(definition.files),
        "variables": dict(definition.variables),
        "copies": [definition.copies, definition.workdirs],
        "context": None if context is None else _tree_digest(context),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _tree_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder)}\0{content}\0".encode())
    return digest.hexdigest()
