"""Warnings of addresses that policies close without a word in the program: what a preview says of them. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import urlsplit

from pulumi_flyte.platforms.kubernetes.network.host import AddressHost, ClusterHost, Host, NamedHost, host_of
from pulumi_flyte.platforms.kubernetes.network.surroundings import Surroundings
from pulumi_flyte.wiring.edge import AppEdge, Edge, TaskEdge, ValueEdge


def edge_warnings(around: Surroundings, caller: str, edges: Iterable[Edge], namespaces: Collection[str]) -> list[str]:
    """Return warnings about edges to apps that no policy of this program may be able to open.

    namespaces: those that the program has made so far.
    """
    warnings: list[str] = []
    for edge in edges:
        if not isinstance(edge, AppEdge) or not isinstance(edge.link.url, str):
            continue
        host = host_of(edge.link.url, around.namespace)
        if not isinstance(host, ClusterHost):
            warnings.append(
                f"inputs.{edge.alias}: {edge.link.url} is no Service of this cluster, so no network policy can let"
                f" {caller!r} in there. It has to be open to the callers' addresses, and to be reached as a public"
                " address or by a range in egress_cidrs"
            )
        elif edge.by_name and host.namespace not in {around.namespace, *namespaces}:
            warnings.append(
                f"inputs.{edge.alias}: the policy that lets {caller!r} in to {edge.link.name!r} goes into the namespace"
                f" {host.namespace!r}, which this program has not declared before: it has to be in this cluster. An app"
                " of another cluster is reached by its URL, as a plain string"
            )
    return warnings


def egress_warnings(around: Surroundings, env: Mapping[str, object], edges: Iterable[Edge]) -> list[str]:
    """Return warnings about URLs that an app has, and that its egress does not lead to. `env` are its variables."""
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
    if around.flyte_url is not None and any(isinstance(edge, TaskEdge) for edge in edges):
        host = host_of(around.flyte_url, around.namespace)
        if isinstance(host, NamedHost) and not _may_have_the_name(around):
            warnings.append(
                f"the Flyte endpoint {host.name} is a host name, which a network policy cannot hold: as egress is"
                " 'declared', list its addresses in egress_cidrs"
            )
    return warnings


def _closed(around: Surroundings, url: str) -> str | None:
    """Return why an app cannot call a URL, or None if it may be able to."""
    host = host_of(url, around.namespace)
    if host is None or _is_flyte(around, host):
        return None
    if isinstance(host, ClusterHost):
        # The host alone: a URL may have a password in it.
        return (
            f"{urlsplit(url).hostname} is a Service of this cluster, and a string is no edge: calls of it are blocked."
            " Pass the App, or AppEndpoint(…), in inputs. For what is no app, list its addresses in egress_cidrs"
        )
    if isinstance(host, NamedHost):
        if _may_have_the_name(around) or host.name == "localhost":
            return None
        return f"as egress is 'declared', calls of {host.name} are blocked: list its addresses in egress_cidrs"
    address = ipaddress.ip_network(host.cidr)
    is_open = around.egress_open and address.is_global
    if is_open or address.is_loopback or any(_holds(cidr, host) for cidr in around.egress_cidrs):
        return None
    return f"calls of {host.cidr} are blocked: list it in egress_cidrs"


def _is_flyte(around: Surroundings, host: Host) -> bool:
    return around.flyte_url is not None and host == host_of(around.flyte_url, around.namespace)


def _may_have_the_name(around: Surroundings) -> bool:
    """Return whether an address that a name stands for may be open."""
    return around.egress_open or bool(around.egress_cidrs)


def _holds(cidr: str, host: AddressHost) -> bool:
    network, address = ipaddress.ip_network(cidr), ipaddress.ip_network(host.cidr)
    return network.version == address.version and address.network_address in network
