"""Requirements of Python packages (PEP 508), alone and as lines of a requirements file. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s'\"]+", re.IGNORECASE)
# uv replaces it by the variable of the environment.
_VARIABLE = re.compile(r"\$\{\w+}")
_COMMENT = re.compile(r"(^|\s)#.*$")
_OPTIONS = re.compile(r"\s--\w.*$")
_OTHER_FILES = ("-r", "-c", "-e", "--requirement", "--constraint", "--editable", ".", "/", "file:")
_ARCHIVES = (".whl", ".tar.gz", ".zip")


def requirement_problem(text: str) -> str | None:
    """Return why a text is not a requirement, such as `httpx>=0.27`, or None if it is one."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(text)
    except InvalidRequirement:
        return 'expected a requirement such as "httpx>=0.27" or "httpx==0.28.1"'
    return None


def has_credentials(text: str) -> bool:
    """Return whether a text has a URL with a credential in it.

    A user name of SSH is not a credential. Neither is a variable in braces, which uv replaces.
    """
    return any(map(_has_credential, _URL.findall(text)))


def _has_credential(url: str) -> bool:
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
    except ValueError:
        return "@" in url
    # A user name without a password is treated as a token: GitHub and others accept one there.
    secret = password if password or parts.scheme.lower().endswith("ssh") else user
    return bool(secret) and _VARIABLE.fullmatch(unquote(secret or "")) is None


def requirement_lines(text: str) -> list[str]:
    """Return the lines of a requirements file that say something, each with those that continue it."""
    lines = (line.strip() for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def line_problem(line: str) -> str | None:
    """Return why a line of a requirements file cannot be installed in an image, or None if it may be."""
    if line.startswith("-") and not line.startswith(_OTHER_FILES):
        return None
    requirement = _OPTIONS.sub("", _COMMENT.sub("", line)).strip()
    if requirement.startswith(_OTHER_FILES) or ("://" not in requirement and requirement.endswith(_ARCHIVES)):
        return "it names another file, which is not carried along: write its lines here"
    if _URL.match(requirement) or _VARIABLE.search(requirement):
        return None
    return requirement_problem(requirement)


def problems_of_lines(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each line that cannot be installed, with the reason."""
    for line in lines:
        reason = line_problem(line)
        if reason is not None:
            yield line, reason
