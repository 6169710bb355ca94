"""The addresses under which a machine of a cloud hands out its credentials. Pure."""

from __future__ import annotations

import ipaddress

# Whoever reaches one of these can become the machine. Sources: the clouds' own documents of their metadata services.
METADATA = (
    "169.254.169.254/32",  # AWS, Azure, Google, Oracle and others
    "fd00:ec2::254/128",  # AWS
    "168.63.129.16/32",  # Azure's WireServer
    "100.100.100.200/32",  # Alibaba
    "192.0.0.192/32",  # Oracle
    "64:ff9b::a9fe:a9fe/128",  # 169.254.169.254 behind NAT64
)


def is_metadata(cidr: str) -> bool:
    """Return whether a range is one of these addresses."""
    return any(ipaddress.ip_network(cidr) == ipaddress.ip_network(address) for address in METADATA)


def metadata_problem(cidr: str) -> str | None:
    """Return why apps cannot be let to a range, or None if they can. `cidr` is a range."""
    if not is_metadata(cidr):
        return None
    return (
        "the address where a machine of a cloud hands out its credentials, which no app may reach: give the app an"
        " identity of its own, by its service account"
    )
