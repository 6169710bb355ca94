"""Names, identities and endpoints: pure functions, so that a first preview already knows every URL.

Sources: Flyte's app IDL (name rule, 30 characters), flyteorg/flyte `app/internal/k8s/app_client.go`
(service name, its 63-character rule, public URL) and `app/config/config.go` (reserved ports).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import Literal

from pulumi_flyte.naming.labels import dashed, digest

Platform = Literal["local", "flyte", "kubernetes"]
Scheme = Literal["http", "https"]
PLATFORMS: tuple[Platform, ...] = ("local", "flyte", "kubernetes")

DEFAULT_PLATFORM: Platform = "local"
DEFAULT_LOCAL_PORT = 8480
DEFAULT_DOMAIN = "development"
LOCAL_DOMAINS = ("development", "staging", "production")  # what the embedded control plane has
DEFAULT_NAMESPACE = "flyte"
RESERVED_PORTS = frozenset({8012, 8022, 8112, 9090, 9091})
MAX_APP_NAME = 30
MAX_TASK_NAME = 255
MAX_PROJECT = 63
MAX_VERSION = 63
MAX_SERVICE_NAME = 63

_APP_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_TASK_NAME = re.compile(r"[A-Za-z0-9_]([-.A-Za-z0-9_]*[A-Za-z0-9_])?")
_SECRET_NAME = re.compile(r"[-a-zA-Z0-9_]+")


@dataclass(frozen=True)
class Target:
    """The place where workloads are deployed. Names and endpoints are computed from its fields.

    api_url: the URL of the Flyte API; on `local` it follows from the port. console: the URL of Flyte's console, where
    the API does not serve it. ingress_host: the pattern of public host names on `kubernetes`, such as
    `{app}.example.com`.
    """

    platform: Platform
    project: str
    domain: str = DEFAULT_DOMAIN
    org: str = ""
    local_port: int = DEFAULT_LOCAL_PORT
    base_domain: str | None = None
    scheme: str = "https"
    namespace: str = DEFAULT_NAMESPACE
    api_url: str = ""
    console: str | None = None
    ingress_host: str | None = None


def app_name_problem(name: str) -> str | None:
    """Return why `name` cannot be an app's name, with the way out, or None if it can."""
    if not _APP_NAME.fullmatch(name):
        suggestion = dashed(name).strip("-")[:MAX_APP_NAME].strip("-")
        hint = f", for example {suggestion!r}" if suggestion else ""
        return f"an app name is lower-case letters, digits and inner dashes{hint}"
    if len(name) > MAX_APP_NAME:
        return f"an app name has at most {MAX_APP_NAME} characters, this one has {len(name)}: shorten it or pass name="
    return None


def task_name_problem(name: str) -> str | None:
    """Return why `name` cannot be a task's name, or None if it can."""
    if not _TASK_NAME.fullmatch(name):
        return "a task name is letters, digits, '_', '-' and inner dots"
    if len(name) > MAX_TASK_NAME:
        return f"a task name has at most {MAX_TASK_NAME} characters, this one has {len(name)}"
    return None


def secret_name_problem(name: str) -> str | None:
    """Return why `name` cannot be a secret's name, or None if it can."""
    if not _SECRET_NAME.fullmatch(name):
        return "a secret name is letters, digits, '-' and '_'"
    return None


def scope_name_problem(name: str) -> str | None:
    """Return why `name` cannot be a project's or a domain's id (a DNS label, as it becomes part of host names)."""
    if not _APP_NAME.fullmatch(name):
        return "a project or domain is lower-case letters, digits and inner dashes"
    if len(name) > MAX_PROJECT:
        return f"a project or domain has at most {MAX_PROJECT} characters, this one has {len(name)}"
    return None


def platform_problem(platform: str) -> str | None:
    """Return why `platform` cannot be deployed to, or None if it can."""
    if platform in PLATFORMS:
        return None
    near = difflib.get_close_matches(platform, PLATFORMS, n=1)
    if near:
        return f"unknown platform: did you mean {near[0]!r}?"
    return f"unknown platform: use {', '.join(PLATFORMS[:-1])} or {PLATFORMS[-1]}"


def local_domain_problem(domain: str) -> str | None:
    """Return why `domain` cannot be a domain of the embedded control plane, or None if it can."""
    if domain in LOCAL_DOMAINS:
        return None
    return f"there is no domain {domain!r}: use one of {', '.join(LOCAL_DOMAINS)}"


def port_problem(port: int) -> str | None:
    """Return why `port` cannot be an app's port, or None if it can."""
    if not 1 <= port <= 65535:
        return "expected a port between 1 and 65535"
    if port in RESERVED_PORTS:
        reserved = ", ".join(str(p) for p in sorted(RESERVED_PORTS))
        return f"Flyte reserves the ports {reserved}: choose another, 8080 is the default"
    return None


LOCAL_PORT_RULE = "expected a port between 1024 and 65535"


def local_port_problem(port: object) -> str | None:
    """Return why `port` cannot be the embedded control plane's port, or None if it can."""
    is_right = isinstance(port, int) and not isinstance(port, bool) and 1024 <= port <= 65535
    return None if is_right else LOCAL_PORT_RULE


def default_namespace(platform: Platform, project: str, domain: str) -> str:
    """Return the default Kubernetes namespace of apps.

    On `kubernetes` each pair of project and domain has a namespace. Since `-` joins the names, two pairs may get the
    same namespace. The second deployment then sees that the namespace belongs to another one.
    """
    if platform != "kubernetes":
        return DEFAULT_NAMESPACE
    return _bounded(f"{project}-{domain}", f"{project}/{domain}")


def target_elsewhere(target: Target, project: str, domain: str) -> Target:
    """Return the place of another project or domain beside `target`.

    On `kubernetes` it has a namespace of its own, which is taken to be the default one. On `flyte` all share one.
    """
    if (project, domain) == (target.project, target.domain):
        return target
    namespace = target.namespace
    if target.platform == "kubernetes":
        namespace = default_namespace(target.platform, project, domain)
    return replace(target, project=project, domain=domain, namespace=namespace)


def service_name(name: str, target: Target) -> str:
    """Return the service that an app becomes.

    On `kubernetes` it has the app's name, as the namespace stands for project and domain. On `flyte` two apps may
    collapse to one, since `-` joins the parts.
    """
    if target.platform == "kubernetes":
        return name
    joined = f"{name}-{target.project}-{target.domain}".lower()
    return _bounded(joined, f"{target.project}/{target.domain}/{name}")


def _bounded(joined: str, identity: str) -> str:
    """Return a name as it is, or cut to what a DNS label holds, with a digest of what it stands for."""
    if len(joined) <= MAX_SERVICE_NAME:
        return joined
    return f"{joined[:54]}-{digest(identity)}"


def local_url(target: Target) -> str:
    """Return the one URL of the embedded control plane."""
    return f"http://127.0.0.1:{target.local_port}"


def app_endpoint(name: str, target: Target) -> str:
    """Return the URL under which other workloads reach the app."""
    if target.platform == "local":
        return f"{local_url(target)}/apps/{target.project}/{target.domain}/{name}"
    return f"http://{service_name(name, target)}.{target.namespace}.svc.cluster.local"


def public_app_endpoint(name: str, target: Target) -> str | None:
    """Return the URL for people and other systems, or None if the app has none or only the platform knows it.

    On `flyte` it follows from the base domain, on `kubernetes` from the pattern of host names: there it is the URL that
    the app has if it is public.
    """
    if target.platform == "local":
        return app_endpoint(name, target)
    if target.platform == "kubernetes":
        return target.ingress_host and f"{target.scheme}://{ingress_host(name, target)}"
    if not target.base_domain:
        return None
    return f"{target.scheme}://{service_name(name, target)}.{target.base_domain}"


def ingress_host(name: str, target: Target) -> str | None:
    """Return the host name of a public app on `kubernetes`, or None without a pattern of host names."""
    if target.ingress_host is None:
        return None
    return target.ingress_host.format(
        app=name, project=target.project, domain=target.domain, namespace=target.namespace
    )


def app_endpoint_pattern(target: Target) -> str:
    """Return `INTERNAL_APP_ENDPOINT_PATTERN`, which Flyte's own `env.endpoint` fills in with `app_fqdn`."""
    if target.platform == "local":
        return f"{local_url(target)}/apps/{target.project}/{target.domain}/{{app_fqdn}}"
    if target.platform == "kubernetes":
        return f"http://{{app_fqdn}}.{target.namespace}.svc.cluster.local"
    return f"http://{{app_fqdn}}-{target.project}-{target.domain}.{target.namespace}.svc.cluster.local"


def console_url(kind: Literal["apps", "tasks", "runs"], name: str, target: Target) -> str | None:
    """Return the URL of a console page, at Flyte's URL shapes, or None if no console shows it.

    Flyte's console shows nothing of the apps of the platform `kubernetes`.
    """
    if target.platform == "kubernetes" and kind == "apps":
        return None
    base = local_url(target) if target.platform == "local" else target.console or target.api_url
    return f"{base}/v2/domain/{target.domain}/project/{target.project}/{kind}/{name}" if base else None
