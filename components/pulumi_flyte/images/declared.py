"""The steps of an `Image` argument. It reads the files that the argument names."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

from pulumi_flyte.arguments.image import CREDENTIAL_PROBLEM, Image
from pulumi_flyte.images.recipe import LockedPackages, PythonPackages, Step, SystemPackages
from pulumi_flyte.notation.requirements import has_credentials, problems_of_lines, requirement_lines
from pulumi_flyte.problems import Problems

LOCK, _PROJECT = "uv.lock", "pyproject.toml"


def names_packages(image: Image) -> bool:
    """Return whether an Image declares its Python packages."""
    return image.packages is not None or image.requirements is not None


def steps_of(image: Image, folder: Path, problems: Problems) -> list[Step]:
    """Return the steps that an Image adds to its base. `folder` is the program's folder."""
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
    text = _text(file, path, problems)
    # Comments and blank lines are left out, so that a change of them builds no new image.
    lines = requirement_lines(text or "")
    for line, reason in problems_of_lines(lines):
        problems.add(path, reason, None if has_credentials(line) else line)
    if any(map(has_credentials, lines)):
        problems.add(path, CREDENTIAL_PROBLEM)
    return tuple(lines)


def _text(file: Path, path: str, problems: Problems) -> str | None:
    """Return the text of a file. PowerShell writes UTF-16, which begins with a byte order mark."""
    content = _read(file, path, problems)
    if content is None:
        return None
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    with contextlib.suppress(UnicodeDecodeError):
        text = content.decode(encoding)
        if "\0" not in text:
            return text
    problems.add(path, f"{file} is not a text file: a requirements file has one requirement on each line")
    return None


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
