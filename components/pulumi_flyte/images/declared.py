"""The steps of an `Image` argument. Pure but for reading the files that it names."""

from __future__ import annotations

from pathlib import Path

from pulumi_flyte.arguments.image import CREDENTIAL_PROBLEM, Image, has_credentials
from pulumi_flyte.images.recipe import LockedPackages, PythonPackages, Step, SystemPackages
from pulumi_flyte.problems import Problems

LOCK, _PROJECT = "uv.lock", "pyproject.toml"
_OTHER_FILES = ("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/")


def names_packages(image: Image) -> bool:
    """Return whether an Image says itself which packages of Python it has."""
    return image.packages is not None or image.requirements is not None


def steps_of(image: Image, folder: Path, problems: Problems) -> list[Step]:
    """Return what an Image puts on its base. `folder` is the program's."""
    steps: list[Step] = []
    if image.apt:
        steps.append(SystemPackages(tuple(sorted(set(image.apt)))))
    packages = tuple(sorted(set(image.packages or ())))
    if image.requirements is not None and Path(image.requirements).name == LOCK:
        steps += _locked(folder / image.requirements, problems)
    elif image.requirements is not None:
        packages += requirements_of(folder / image.requirements, "image.requirements", problems)
    if packages:
        steps.append(PythonPackages(requirements=packages))
    return steps


def requirements_of(file: Path, path: str, problems: Problems) -> tuple[str, ...]:
    """Return the lines of a requirements file without those that have no effect."""
    text = _read(file, path, problems)
    # Only comments and blank lines may change without an effect.
    lines = [line.strip() for line in (text or b"").decode(errors="replace").splitlines()]
    requirements = [line for line in lines if line and not line.startswith("#")]
    for line in requirements:
        if line.startswith(_OTHER_FILES):
            problems.add(path, "it names another file, which is not carried along: write its lines here", line)
        elif has_credentials(line):
            problems.add(path, CREDENTIAL_PROBLEM)
    return tuple(requirements)


def _locked(lock: Path, problems: Problems) -> list[Step]:
    path = "image.requirements"
    content, project = (_read(file, path, problems) for file in (lock, lock.with_name(_PROJECT)))
    return [] if content is None or project is None else [LockedPackages(project, content)]


def _read(file: Path, path: str, problems: Problems) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError as error:
        problems.add(path, f"{file} cannot be read: {error.strerror or error}")
        return None
