"""Warnings of addresses that policies close without a word in the program: what a preview says of them. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from pulumi_flyte.platforms.kubernetes.network.host import AddressHost, ClusterHost, Host, NamedHost, host_of
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.wiring.edge import AppEdge, Edge, TaskEdge, ValueEdge

# Processes without root can by default listen only on ports above it.
_LAST_PRIVILEGED_PORT = 1023


def edge_warnings(
    around: Surroundings, caller: str, edges: Iterable[Edge], namespaces: Collection[str] | None
) -> list[str]:
    """Return warnings about edges to apps that no policy of this program may be able to open.

    namespaces: those that the program has made so far. None for a program in another language, where each component is
    a separate run and does not know the others.
    """
    warnings: list[str] = []
    for edge in edges:
        if not isinstance(edge, AppEdge) or not isinstance(edge.link.url, str):
            continue
        host = host_of(edge.link.url, around.namespace)
        if not isinstance(host, ClusterHost):
            warnings.append(
                f"inputs.{edge.alias}: {_host(edge.link.url)} is not a Service of this cluster, so no network policy"
                f" can admit {caller!r} there. The address must admit its callers by itself, and must be public or in a"
                " range of egress_cidrs"
            )
        elif edge.by_name and namespaces is not None and host.namespace not in {around.namespace, *namespaces}:
            warnings.append(
                f"inputs.{edge.alias}: the network policy that admits {caller!r} to {edge.link.name!r} is made in the"
                f" namespace {host.namespace!r}, which this program has not declared before. That namespace must be in"
                " this cluster. Pass the URL of an app in another cluster as a plain string"
            )
    return warnings


def egress_warnings(around: Surroundings, env: Mapping[str, object], edges: Iterable[Edge]) -> list[str]:
    """Return warnings about URLs of an app that its egress policy blocks. `env` has its variables."""
    edges = tuple(edges)
    urls = {
        **{f"env.{name}": value for name, value in env.items()},
        **{f"inputs.{edge.alias}": edge.value for edge in edges if isinstance(edge, ValueEdge)},
    }
    warnings = [
        f"{path}: {reason}"
        for path, url in urls.items()
        if isinstance(url, str) and "://" in url and (reason := _closed(around, url)) is not None
    ]
    if any(isinstance(edge, TaskEdge) for edge in edges):
        warnings += _flyte_warnings(around)
    return warnings


def _flyte_warnings(around: Surroundings) -> Iterator[str]:
    """Yield why an app that starts tasks may not reach Flyte."""
    host = None if around.flyte_url is None else host_of(around.flyte_url, around.namespace)
    if isinstance(host, NamedHost) and not _may_have_the_name(around):
        yield (
            f"the Flyte endpoint {host.name} is a host name, and network policies contain only addresses."
            " Because egress is 'declared', list its addresses in egress_cidrs"
        )
    if isinstance(host, ClusterHost) and host.port <= _LAST_PRIVILEGED_PORT:
        yield (
            f"the Flyte endpoint has the port {host.port} of a Service, but a network policy applies to the port of its"
            " pods, which is most likely another one: set flyte:inClusterEndpoint to a URL with the pods' port, or make"
            " a NetworkPolicy that admits the apps"
        )


def _closed(around: Surroundings, url: str) -> str | None:
    """Return why an app cannot call a URL, or None if it may be able to."""
    host = host_of(url, around.namespace)
    if host is None or _is_flyte(around, host):
        return None
    if isinstance(host, ClusterHost):
        return (
            f"{_host(url)} is a Service of this cluster, and a plain string opens no network policy: calls to it are"
            " blocked. Pass the App or AppEndpoint(…) in inputs. If it is not an app, list its addresses in"
            " egress_cidrs"
        )
    if isinstance(host, NamedHost):
        if _may_have_the_name(around) or host.name == "localhost":
            return None
        return f"because egress is 'declared', calls to {host.name} are blocked: list its addresses in egress_cidrs"
    address = ipaddress.ip_network(host.cidr)
    is_open = around.egress_open and address.is_global
    if is_open or address.is_loopback or any(_holds(cidr, host) for cidr in around.egress_cidrs):
        return None
    return f"calls to {host.cidr} are blocked: list it in egress_cidrs"


def _host(url: str) -> str | None:
    """Return only the host of a URL, because the whole URL may contain a password."""
    return urlsplit(url).hostname


def _is_flyte(around: Surroundings, host: Host) -> bool:
    return around.flyte_url is not None and host == host_of(around.flyte_url, around.namespace)


def _may_have_the_name(around: Surroundings) -> bool:
    """Return whether the addresses of a host name may be open."""
    return around.egress_open or bool(around.egress_cidrs)


def _holds(cidr: str, host: AddressHost) -> bool:
    network, address = ipaddress.ip_network(cidr), ipaddress.ip_network(host.cidr)
    return network.version == address.version and address.network_address in network
