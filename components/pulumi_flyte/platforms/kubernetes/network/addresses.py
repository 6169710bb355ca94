"""Ranges of addresses: what the internet is, and where name servers are.

Source: the IANA registries of special-purpose addresses (RFC 6890). Pure.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache

from pulumi_flyte.naming.metadata_addresses import METADATA, is_metadata
from pulumi_flyte.platforms.kubernetes.network.policy import Addresses

# The addresses of IPv4 that are not public. Clusters, their nodes and private networks use these.
PRIVATE = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
# The public addresses of IPv6 are those of 2000::/3: private ones (fc00::/7), link-local ones and NAT64 are outside.
PUBLIC_V6 = "2000::/3"
# Where a cluster's DNS server is, besides among its pods: on a node, or beside each node's pods (link-local).
DNS_SERVERS = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
    "fe80::/10",
)


def reachable(cidr: str, also_excluded: Iterable[str] = ()) -> Addresses:
    """Return a range without the metadata addresses in it."""
    return Addresses(cidr, inside((*also_excluded, *METADATA), cidr))


@cache
def internet() -> tuple[Addresses, ...]:
    """Return all public addresses."""
    return reachable("0.0.0.0/0", PRIVATE), reachable(PUBLIC_V6)


@cache
def anywhere() -> tuple[Addresses, ...]:
    """Return all addresses."""
    return reachable("0.0.0.0/0"), reachable("::/0")


@cache
def dns_servers() -> tuple[Addresses, ...]:
    """Return the addresses where DNS servers of a cluster are."""
    return tuple(reachable(cidr) for cidr in DNS_SERVERS)


def listed(cidrs: Iterable[str]) -> tuple[Addresses, ...]:
    """Return the ranges that the user lists, without the metadata addresses, in order."""
    return tuple(reachable(cidr) for cidr in sorted(set(cidrs)) if not is_metadata(cidr))


def inside(ranges: Iterable[str], cidr: str) -> tuple[str, ...]:
    """Return those of `ranges` that are strictly inside of `cidr`, as the API asks of exceptions, and none that is
    inside of another one."""
    candidates = [each for each in dict.fromkeys(ranges) if each != cidr and _is_inside(each, cidr)]
    return tuple(
        each for each in candidates if not any(each != other and _is_inside(each, other) for other in candidates)
    )


def _is_inside(cidr: str, outer: str) -> bool:
    network, outside = ipaddress.ip_network(cidr), ipaddress.ip_network(outer)
    if isinstance(network, ipaddress.IPv4Network):
        return isinstance(outside, ipaddress.IPv4Network) and network.subnet_of(outside)
    return isinstance(outside, ipaddress.IPv6Network) and network.subnet_of(outside)
