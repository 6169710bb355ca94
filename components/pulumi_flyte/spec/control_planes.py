"""Flyte control planes: how one is addressed, and when two addresses are the same one. Pure."""

from __future__ import annotations

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
        return f"{self.platform} at {self.endpoint}{org}"

    @classmethod
    def at(cls, platform: str, endpoint: str, org: str = "", *, insecure: bool = False) -> ControlPlane:
        """The control plane at an address; equal ones are equal in whatever form the address is written."""
        whole = url(endpoint, insecure=insecure)
        try:
            parts = urlsplit(whole)
            port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
            whole = f"{parts.scheme}://{parts.hostname or ''}{port}"
        except ValueError:
            pass  # not a URL, which the settings' own check reports
        return cls(platform, whole, org or default_org(whole))

    @classmethod
    def from_dict(cls, value: object) -> ControlPlane | None:
        """The inverse of `dataclasses.asdict`; None for anything else, such as a link of an older version."""
        if not isinstance(value, Mapping):
            return None
        parts = [value.get(key) for key in ("platform", "endpoint", "org")]
        texts = [part for part in parts if isinstance(part, str)]
        return cls(*texts) if len(texts) == len(parts) else None


def url(endpoint: str, *, insecure: bool) -> str:
    """A Flyte endpoint, in any of the forms that Flyte's own configuration takes, as an http(s) URL."""
    bare = endpoint.removeprefix("dns:///")
    whole = bare if "://" in bare else f"{'http' if insecure else 'https'}://{bare}"
    return whole.rstrip("/")


def default_org(endpoint: str) -> str:
    """As the SDK does (flyte/_initialize.py): the first label of a host with more than two; Flyte OSS ignores it."""
    host = urlsplit(endpoint).hostname or ""
    labels = host.split(".")
    numeric = all(label.isdigit() for label in labels)
    return labels[0] if len(labels) > 2 and not numeric else LOCAL_ORG
