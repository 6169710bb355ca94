"""The host of a URL, as a network policy can name it: pods of this cluster, an address, or neither. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ClusterHost:
    """A Service of the cluster. The pods behind it are in `namespace`."""

    namespace: str
    port: int


@dataclass(frozen=True, slots=True)
class AddressHost:
    """An address, as a range of one."""

    cidr: str
    port: int


@dataclass(frozen=True, slots=True)
class NamedHost:
    """A host name. Policies know no names, so that it can be reached only as a part of the internet or of a range."""

    name: str
    port: int


Host = ClusterHost | AddressHost | NamedHost


def host_of(url: str, own_namespace: str) -> Host | None:
    """Return the host of a URL, or None for a text that is not a URL with a host.

    A name of one label means a Service of the caller's own namespace, and `api.other-team` one of the namespace
    `other-team`, as pods resolve it. A namespace that could be a top-level domain is only known where it is the
    caller's own.
    """
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not name or port is None:
        return None
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        pass
    else:
        return AddressHost(f"{address}/{address.max_prefixlen}", port)
    labels = name.rstrip(".").split(".")
    if len(labels) == 1 and name != "localhost":
        return ClusterHost(own_namespace, port)
    if len(labels) == 2 and (labels[1] == own_namespace or _is_no_top_level_domain(labels[1])):
        return ClusterHost(labels[1], port)
    if len(labels) > 2 and labels[2] == "svc":
        return ClusterHost(labels[1], port)
    return NamedHost(name, port)


def _is_no_top_level_domain(label: str) -> bool:
    """Return whether a label cannot be the end of a public name. Those are letters, or Punycode (RFC 3696)."""
    return not label.isalpha() and not label.startswith("xn--")


def namespace_of(url: str, own_namespace: str) -> str | None:
    """Return the namespace of the Service that a URL leads to, or None if it leads out of the cluster."""
    host = host_of(url, own_namespace)
    return host.namespace if isinstance(host, ClusterHost) else None
