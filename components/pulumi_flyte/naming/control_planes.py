"""Flyte control planes: how one is addressed, and when two addresses are the same one. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
LOCAL_ORG = "local"


@dataclass(frozen=True)
class ControlPlane:
    """A control plane: references are resolved within one, and mean nothing in another."""

    platform: str
    endpoint: str
    org: str = LOCAL_ORG

    def __str__(self) -> str:
        org = "" if self.org == LOCAL_ORG else f", organisation {self.org}"
        return f"{self.platform} at {self.endpoint}{org}" if self.endpoint else self.platform

    @classmethod
    def at(cls, platform: str, endpoint: str, org: str = "", *, insecure: bool = False) -> ControlPlane:
        """Return the control plane at an address. The forms in which one address may be written give equal values.

        A platform that needs no Flyte API may have no address.
        """
        if not endpoint:
            return cls(platform, "", org or LOCAL_ORG)
        whole = url(endpoint, insecure=insecure)
        if endpoint_problem(endpoint) is not None:  # which the settings' own check reports
            return cls(platform, whole, org or LOCAL_ORG)
        parts = urlsplit(whole)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
        return cls(platform, f"{parts.scheme}://{host}{port}", org or default_org(whole))

    @classmethod
    def from_dict(cls, value: object) -> ControlPlane | None:
        """Return the inverse of `dataclasses.asdict`; None for anything else, such as a link of an older version."""
        if not isinstance(value, Mapping):
            return None
        parts = [value.get(key) for key in ("platform", "endpoint", "org")]
        texts = [part for part in parts if isinstance(part, str)]
        return cls(*texts) if len(texts) == len(parts) else None


def url(endpoint: str, *, insecure: bool) -> str:
    """Return a Flyte endpoint, in any of the forms that Flyte's own configuration takes, as an http(s) URL."""
    bare = endpoint.removeprefix("dns:///")
    whole = bare if "://" in bare else f"{'http' if insecure else 'https'}://{bare}"
    return whole.rstrip("/")


def endpoint_problem(endpoint: str) -> str | None:
    """Return why `endpoint` cannot be the address of a Flyte API, or None if it can."""
    if endpoint != "localhost" and not set(".:/") & set(endpoint):
        return f"an endpoint is a URL such as https://flyte.example.com: if {endpoint!r} is a host, give it a scheme"
    try:
        parts = urlsplit(url(endpoint, insecure=False))
        good = parts.scheme in _DEFAULT_PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    return None if good else "an endpoint is a URL such as https://flyte.example.com or dns:///flyte.example.com"


def is_loopback(endpoint: str) -> bool:
    """Return whether an endpoint is on the machine that dials it."""
    if endpoint_problem(endpoint) is not None:
        return False
    host = urlsplit(url(endpoint, insecure=False)).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def default_org(endpoint: str) -> str:
    """Return the organisation that the SDK takes (flyte/_initialize.py): the first label of a host with more than two.

    Flyte OSS ignores it.
    """
    host = urlsplit(endpoint).hostname or ""
    labels = host.split(".")
    numeric = all(label.isdigit() for label in labels)
    return labels[0] if len(labels) > 2 and not numeric else LOCAL_ORG
