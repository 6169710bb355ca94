"""Names, identities and endpoints: pure functions, so that a first preview already knows every URL.

Sources: Flyte's app IDL (name rule, 30 characters), flyteorg/flyte `app/internal/k8s/app_client.go`
(service name, its 63-character rule, public URL) and `app/config/config.go` (reserved ports).
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

Platform = Literal["local", "flyte"]
Scheme = Literal["http", "https"]
PLATFORMS: tuple[Platform, ...] = ("local", "flyte")
PLANNED_PLATFORMS = ("kubernetes",)

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
    """The place that workloads go to: all that names and endpoints are computed from.

    `api_url` is the URL of the Flyte API, which also serves the console; on `local` it follows from the port.
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


def app_name_problem(name: str) -> str | None:
    """Return why `name` cannot be an app's name, with the way out, or None where it can."""
    if not _APP_NAME.fullmatch(name):
        suggestion = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]+", "-", name.lower())).strip("-")[:MAX_APP_NAME].strip("-")
        hint = f", for example {suggestion!r}" if suggestion else ""
        return f"an app name is lower-case letters, digits and inner dashes{hint}"
    if len(name) > MAX_APP_NAME:
        return f"an app name has at most {MAX_APP_NAME} characters, this one has {len(name)}: shorten it or pass name="
    return None


def task_name_problem(name: str) -> str | None:
    """Return why `name` cannot be a task's name, or None where it can."""
    if not _TASK_NAME.fullmatch(name):
        return "a task name is letters, digits, '_', '-' and inner dots"
    if len(name) > MAX_TASK_NAME:
        return f"a task name has at most {MAX_TASK_NAME} characters, this one has {len(name)}"
    return None


def secret_name_problem(name: str) -> str | None:
    """Return why `name` cannot be a secret's name, or None where it can."""
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
    """Return why `platform` cannot be deployed to, or None where it can."""
    if platform in PLATFORMS:
        return None
    near = difflib.get_close_matches(platform, PLATFORMS, n=1)
    if platform in PLANNED_PLATFORMS:
        return f"{platform!r} is not built yet: use {' or '.join(PLATFORMS)}"
    return f"unknown platform: did you mean {near[0]!r}?" if near else f"unknown platform: use {' or '.join(PLATFORMS)}"


def local_domain_problem(domain: str) -> str | None:
    """Return why `domain` cannot be a domain of the embedded control plane, or None where it can."""
    if domain in LOCAL_DOMAINS:
        return None
    return f"there is no domain {domain!r}: use one of {', '.join(LOCAL_DOMAINS)}"


def port_problem(port: int) -> str | None:
    """Return why `port` cannot be an app's port, or None where it can."""
    if not 1 <= port <= 65535:
        return "a port is between 1 and 65535"
    if port in RESERVED_PORTS:
        taken = ", ".join(str(p) for p in sorted(RESERVED_PORTS))
        return f"Flyte reserves the ports {taken}: choose another, 8080 is the default"
    return None


LOCAL_PORT_RULE = "a port is a number between 1024 and 65535"


def local_port_problem(port: object) -> str | None:
    """Return why `port` cannot be the embedded control plane's port, if it cannot."""
    is_right = isinstance(port, int) and not isinstance(port, bool) and 1024 <= port <= 65535
    return None if is_right else LOCAL_PORT_RULE


def service_name(name: str, target: Target) -> str:
    """Return the service that an app becomes. Two apps may collapse to one, since `-` joins the parts."""
    joined = f"{name}-{target.project}-{target.domain}".lower()
    if len(joined) <= MAX_SERVICE_NAME:
        return joined
    digest = hashlib.sha256(f"{target.project}/{target.domain}/{name}".encode()).hexdigest()[:8]
    return f"{joined[:54]}-{digest}"


def local_url(target: Target) -> str:
    """Return the one URL of the embedded control plane."""
    return f"http://127.0.0.1:{target.local_port}"


def app_endpoint(name: str, target: Target) -> str:
    """Return the URL under which other workloads reach the app."""
    if target.platform == "local":
        return f"{local_url(target)}/apps/{target.project}/{target.domain}/{name}"
    return f"http://{service_name(name, target)}.{target.namespace}.svc.cluster.local"


def public_app_endpoint(name: str, target: Target) -> str | None:
    """Return the URL for people and other systems, or None where only the platform knows it (without a base domain)."""
    if target.platform == "local":
        return app_endpoint(name, target)
    if not target.base_domain:
        return None
    return f"{target.scheme}://{service_name(name, target)}.{target.base_domain}"


def app_endpoint_pattern(target: Target) -> str:
    """Return `INTERNAL_APP_ENDPOINT_PATTERN`: what Flyte's own `env.endpoint` formats with `app_fqdn`."""
    if target.platform == "local":
        return f"{local_url(target)}/apps/{target.project}/{target.domain}/{{app_fqdn}}"
    return f"http://{{app_fqdn}}-{target.project}-{target.domain}.{target.namespace}.svc.cluster.local"


def console_url(kind: Literal["apps", "tasks", "runs"], name: str, target: Target) -> str:
    """Return the URL of a console page, at Flyte's URL shapes."""
    base = local_url(target) if target.platform == "local" else target.api_url
    return f"{base}/v2/domain/{target.domain}/project/{target.project}/{kind}/{name}"
