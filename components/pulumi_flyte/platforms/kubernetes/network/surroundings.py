"""`Surroundings`: what the policies of a namespace need to know besides the wiring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The namespace of an environment, and what is around it.

    task_namespace: where the pods of Flyte's tasks are. ingress_namespaces, ingress_cidrs: where requests to public
    apps come from. egress_open: whether apps may call every public address. egress_cidrs: what they may call besides.
    flyte_url: the URL of the Flyte API as containers dial it, if there is one.
    """

    project: str
    domain: str
    namespace: str
    task_namespace: str
    ingress_namespaces: tuple[str, ...] = ()
    ingress_cidrs: tuple[str, ...] = ()
    egress_open: bool = True
    egress_cidrs: tuple[str, ...] = ()
    flyte_url: str | None = None
