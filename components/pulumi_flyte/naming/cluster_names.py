"""The names that Kubernetes and registries take: their rules, each as a reason why a text breaks it. Pure.

Sources: `k8s.io/apimachinery/pkg/util/validation` (labels, annotations, DNS names), and the grammar of image references
in `distribution/reference`.
"""

from __future__ import annotations

import ipaddress
import re

from pulumi_flyte.naming.metadata_addresses import metadata_problem

MAX_LABEL = 63
MAX_SUBDOMAIN = 253
# What pulumi-flyte writes itself: they select an app's pods, and say whose they are.
OWN_LABELS = frozenset(
    f"app.kubernetes.io/{part}" for part in ("name", "part-of", "managed-by", "version", "component")
)
# What Kubernetes itself has in every cluster.
SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
HOST_PLACEHOLDERS = ("app", "project", "domain", "namespace")

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_REPOSITORY = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*")
_REGISTRY_HOST = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+])(:\d{1,5})?")


def dns_label_problem(name: str, what: str) -> str | None:
    """Return why `name` cannot be a DNS label, or None if it can. `what` is what the message calls it."""
    if not _DNS_LABEL.fullmatch(name):
        return f"{what} is lower-case letters, digits and inner dashes"
    if len(name) > MAX_LABEL:
        return f"{what} has at most {MAX_LABEL} characters, this one has {len(name)}"
    return None


def namespace_problem(name: str) -> str | None:
    """Return why apps cannot go to a namespace of this name, or None if they can."""
    if name in SYSTEM_NAMESPACES:
        return "Kubernetes keeps this namespace for itself: choose another name"
    return dns_label_problem(name, "a namespace")


def object_name_problem(name: str, what: str) -> str | None:
    """Return why `name` cannot be the name of an object (a DNS subdomain), or None if it can."""
    labels = name.split(".")
    if not all(_DNS_LABEL.fullmatch(label) for label in labels) or len(name) > MAX_SUBDOMAIN:
        return f"{what} is lower-case letters, digits, inner dashes and dots, at most {MAX_SUBDOMAIN} characters"
    return None


def key_problem(key: str, what: str) -> str | None:
    """Return why `key` cannot be the key of a label or an annotation (`prefix/name`), or None if it can."""
    prefix, slash, name = key.rpartition("/")
    if slash and object_name_problem(prefix, "the prefix of a key") is not None:
        return f"{what}: before the '/' there is a domain name, such as example.com/team"
    if not _QUALIFIED.fullmatch(name) or len(name) > MAX_LABEL:
        return f"{what}: letters, digits, inner '-', '_' and '.', at most {MAX_LABEL} characters"
    return None


def label_problem(key: str, value: str) -> str | None:
    """Return why an object cannot have this label, or None if it can."""
    if key in OWN_LABELS:
        return (
            "pulumi-flyte sets this label itself, as it selects the app's pods or says whose they are: use another key"
        )
    reason = key_problem(key, "the key of a label")
    if reason is not None:
        return reason
    if value and (not _QUALIFIED.fullmatch(value) or len(value) > MAX_LABEL):
        return f"the value of a label is letters, digits, inner '-', '_' and '.', at most {MAX_LABEL} characters"
    return None


def registry_problem(registry: str) -> str | None:
    """Return why images cannot be pushed below `registry`, or None if they can."""
    example = "such as ghcr.io/acme or localhost:5000"
    if "://" in registry:
        return f"a registry has no scheme: leave out {registry.split('://')[0]}://, {example}"
    if "@" in registry:
        return "a registry has no credential in it: use flyte:registryUsername and flyte:registryPassword"
    host, *path = registry.split("/")
    if not _REGISTRY_HOST.fullmatch(host):
        return f"a registry is a host and a path, {example}"
    if path and ":" in path[-1]:
        return f"a registry has no tag, as each image gets its own: leave out :{path[-1].partition(':')[2]}"
    if not all(_REPOSITORY.fullmatch(part) for part in path):
        return f"the path of a registry is lower-case letters, digits and inner '.', '_' and '-', {example}"
    return None


def host_pattern_problem(pattern: str) -> str | None:
    """Return why `pattern` cannot make the host names of public apps, or None if it can."""
    example = "such as {app}.example.com"
    host = _PLACEHOLDER.sub("a", pattern)
    if "{" in host or "}" in host:
        return f"its braces do not match: a pattern is a host name with placeholders, {example}"
    placeholders = _PLACEHOLDER.findall(pattern)
    unknown = [name for name in placeholders if name not in HOST_PLACEHOLDERS]
    if unknown:
        valid = ", ".join(f"{{{name}}}" for name in HOST_PLACEHOLDERS)
        return f"there is no placeholder {{{unknown[0]}}}: use {valid}"
    if "app" not in placeholders:
        return f"all public apps would have one host name: put {{app}} into it, {example}"
    if "." not in host or object_name_problem(host, "") is not None:
        return f"a pattern is a host name with placeholders, without scheme, port and path, {example}"
    return None


def host_problem(host: str) -> str | None:
    """Return why `host` cannot be the host name of a public app, or None if it can."""
    if "." not in host or object_name_problem(host, "") is not None:
        return "it would not be a host name: lower-case letters, digits, inner dashes and dots"
    longest = max(host.split("."), key=len)
    if len(longest) > MAX_LABEL:
        return (
            f"its part {longest!r} has {len(longest)} characters, and DNS takes {MAX_LABEL}: shorten the name, or put a"
            " dot between the placeholders of flyte:ingressHost"
        )
    return None


def gateway_problem(gateway: str) -> str | None:
    """Return why `gateway` cannot name a Gateway, or None if it can."""
    namespace, slash, name = gateway.partition("/")
    wrong = dns_label_problem(namespace, "") or object_name_problem(name, "")
    return None if slash and not wrong else "a gateway is its namespace and name, such as gateways/public"


def egress_cidr_problem(cidr: str) -> str | None:
    """Return why apps cannot be let to a range of addresses, or None if they can."""
    return cidr_problem(cidr) or metadata_problem(cidr)


def cidr_problem(cidr: str) -> str | None:
    """Return why `cidr` cannot be a range of addresses, or None if it can."""
    try:
        ipaddress.ip_network(cidr)
    except ValueError:
        pass
    else:
        return (
            None if "/" in cidr else f"a range needs its length: {cidr}/{32 if ':' not in cidr else 128} is one address"
        )
    try:
        whole = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return "a range of addresses is a CIDR such as 10.20.0.0/16"
    return f"it names an address inside of a range: did you mean {whole}?"
