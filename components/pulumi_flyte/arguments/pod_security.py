"""Pod Security Standards: what each lets the container of an app be.

Source: kubernetes.io/docs/concepts/security/pod-security-standards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Protocol, TypeAlias

from pydantic import Strict

from pulumi_flyte.arguments.refusal import Expected, rule
from pulumi_flyte.problems import Problem

PodSecurity: TypeAlias = Literal["restricted", "baseline", "privileged"]
Seccomp: TypeAlias = Literal["RuntimeDefault", "Unconfined"]

# The capabilities that a container may add.
_OF_RESTRICTED = frozenset({"NET_BIND_SERVICE"})
_OF_BASELINE = frozenset(
    {
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    }
)


def capability_problem(name: str) -> str | None:
    """Return the problem of a text that cannot be a capability of Linux, or None."""
    is_name = name.replace("_", "").isalpha() and name.isupper() and not name.startswith("CAP_")
    return None if is_name else "expected the name of a capability without CAP_, such as NET_BIND_SERVICE"


Capability = Annotated[str, Strict(), Expected("expected a plain string"), rule(capability_problem)]


class ContainerSecurity(Protocol):
    """The settings of an app for the security of its container. None: the default, which every standard allows."""

    @property
    def run_as_user(self) -> int | None: ...

    @property
    def privilege_escalation(self) -> bool | None: ...

    @property
    def capabilities(self) -> Sequence[str] | None: ...

    @property
    def seccomp(self) -> Seccomp | None: ...


def forbidden(settings: ContainerSecurity, standard: PodSecurity) -> Iterator[Problem]:
    """Yield what a standard would refuse of a container with these settings."""
    lower = f"which Pod Security {standard!r} forbids: leave it out, or lower pod_security of the Environment's cluster"
    if standard != "privileged" and settings.seccomp == "Unconfined":
        yield Problem("seccomp", f"the container would have no seccomp profile, {lower}", settings.seccomp)
    if standard == "restricted" and settings.run_as_user == 0:
        yield Problem("run_as_user", f"0 is root, {lower}", settings.run_as_user)
    if standard == "restricted" and settings.privilege_escalation:
        yield Problem("privilege_escalation", f"a process could gain privileges, {lower}")
    allowed = {"restricted": _OF_RESTRICTED, "baseline": _OF_BASELINE}.get(standard)
    for index, name in enumerate(settings.capabilities or ()):
        if allowed is not None and name not in allowed:
            yield Problem(f"capabilities.{index}", f"the container would keep a capability {lower}", name)
