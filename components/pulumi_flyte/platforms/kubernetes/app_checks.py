"""Problems and warnings of an app that is to run on a cluster. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pulumi_flyte.arguments.scaling import Scaling
from pulumi_flyte.arguments.values import seconds
from pulumi_flyte.naming import cluster_names, names
from pulumi_flyte.platforms.kubernetes.autoscaler import MOST_STABILIZATION
from pulumi_flyte.platforms.kubernetes.deployment import declared_bounds
from pulumi_flyte.platforms.kubernetes.disruption import budget_problem
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.container import Container

# RFC 1035, which the API asks of the name of a Service.
_SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def app_problems(spec: AppSpec, settings: Settings) -> Iterator[Problem]:
    """Yield what cannot be deployed."""
    options, least = spec.options, declared_bounds(spec.options.scaling)[0]
    if not _SERVICE_NAME.fullmatch(spec.name):
        yield Problem(
            "name", f"a Service of Kubernetes begins with a letter: pass name=, such as 'a{spec.name}'", spec.name
        )
    if least == 0 and not spec.container.fetches_bundle:
        yield Problem(
            "scaling.replicas",
            "Kubernetes cannot start an app when a request comes, so an app without replicas answers no request: keep"
            f" one replica with replicas=(1, {declared_bounds(options.scaling)[1]}), or deploy it to the platform"
            " `flyte`, which scales to zero",
            options.scaling and options.scaling.replicas,
        )
    pause = None if options.scaling is None else seconds(options.scaling.scaledown_after)
    if pause is not None and pause > MOST_STABILIZATION:
        yield Problem("scaling.scaledown_after", f"at most {MOST_STABILIZATION} seconds on `kubernetes`", pause)
    pods = PodRules.of(options.kubernetes, settings.kubernetes)
    reason = budget_problem(spec, pods)
    if reason is not None:
        yield Problem("kubernetes.min_available", reason, pods.min_available)
    account = options.service_account
    if account is not None:
        reason = cluster_names.object_name_problem(account, "the name of a ServiceAccount")
        if reason is not None:
            yield Problem("service_account", reason, account)
    host = host_of(spec, settings) if options.public else None
    reason = None if host is None else cluster_names.host_problem(host)
    if reason is not None:
        yield Problem("public" if options.domain is None else "domain", reason, host)
    if options.public and host is None:
        yield Problem(
            "public",
            "a public app needs a host name: pulumi config set flyte:ingressHost '{app}.example.com', or pass"
            ' Environment(cluster={"ingress_host": "{app}.example.com"})',
        )
    if spec.flyte.pod is not None:
        yield Problem(
            "source",
            "the platform `kubernetes` does not support the pod_template of the code: remove it, and set its values"
            " with kubernetes={…}",
        )


def app_warnings(spec: AppSpec) -> Iterator[str]:
    """Yield what a preview says of an app that can be deployed."""
    options, scaling = spec.options, spec.options.scaling
    least, most = declared_bounds(scaling)
    if least == 0:
        yield (
            "its code lets it scale to zero, which Kubernetes cannot do: one replica stays. Pass"
            f" scaling={{'replicas': (1, {most})}} to silence this warning"
        )
    if scaling is not None and most > max(least, 1):
        yield from _metric_warnings(scaling)
    if options.request_timeout is not None:
        yield "timeouts: `kubernetes` does not end requests that take too long: limit their time in the app"
    if options.console_links:
        yield "console_links: apps on `kubernetes` have no page in a console, so the links are not shown"
    if options.public is None and options.domain is not None:
        yield "domain: an app has a public name only with public=True"
    accelerator = spec.container.resources and spec.container.resources.accelerator
    if accelerator:
        yield (
            f"resources.gpu: Kubernetes does not know the device {accelerator.device!r}, so any node with a GPU may"
            " run the app. Choose nodes with kubernetes={'node_selector': {…}}"
        )
    yield from _address_warnings(spec.container)


def host_of(spec: AppSpec, settings: Settings) -> str | None:
    """Return the host name of an app from outside, if there is one."""
    domain = spec.options.domain
    if domain is not None and domain.custom_domain:
        return domain.custom_domain
    return names.ingress_host((domain and domain.subdomain) or spec.name, settings.target)


def _metric_warnings(scaling: Scaling) -> Iterator[str]:
    for name, value in (("concurrency", scaling.concurrency), ("request_rate", scaling.request_rate)):
        if value is not None:
            yield (
                f"scaling.{name}: Kubernetes cannot count requests, so the replicas follow the CPU"
                " (kubernetes={'cpu_target': 70}). The platform `flyte` scales by requests"
            )


def _address_warnings(container: Container) -> Iterator[str]:
    words = [word for word in (*container.command, *container.args) if isinstance(word, str)]
    for word in words:
        if word.rpartition("=")[2].partition(":")[0] in _LOOPBACK:
            yield f"its command has the address {word!r}, which is not reachable from outside of the pod: use 0.0.0.0"
