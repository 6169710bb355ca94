"""The registry of the test cluster, as a client sees it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import Any

import httpx

_ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


_PATIENCE = 60.0  # seconds, on a machine that builds other images at the same time


@dataclass(frozen=True)
class PushedImage:
    """An image in a registry: its digest, its configuration and the digests of its layers, the lowest first."""

    repository: str
    digest: str
    config: dict[str, Any]
    layers: tuple[str, ...]


def pushed(reference: str) -> PushedImage | None:
    """Return the image that a reference stands for, or None if it was not pushed."""
    host, _, rest = reference.partition("/")
    repository, _, tag = rest.rpartition(":")
    url, headers = f"http://{host}/v2/{repository}", {"Accept": _ACCEPT}
    with httpx.Client(base_url=url, headers=headers, timeout=_PATIENCE, trust_env=False) as client:
        answer = client.get(f"/manifests/{tag}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        manifest = answer.raise_for_status().json()
        digest = answer.headers["Docker-Content-Digest"]
        if "manifests" in manifest:  # an index also lists what attests where the image comes from
            (entry,) = [each for each in manifest["manifests"] if each["platform"]["architecture"] != "unknown"]
            manifest = client.get(f"/manifests/{entry['digest']}").raise_for_status().json()
        config = client.get(f"/blobs/{manifest['config']['digest']}").raise_for_status().json()
    return PushedImage(f"{host}/{repository}", digest, config, tuple(each["digest"] for each in manifest["layers"]))


def layer_content(image: PushedImage, digest: str) -> bytes:
    """Return the archive of a layer."""
    host, _, repository = image.repository.partition("/")
    url = f"http://{host}/v2/{repository}/blobs/{digest}"
    answer = httpx.get(url, timeout=_PATIENCE, trust_env=False).raise_for_status()
    return gzip.decompress(answer.content) if answer.content[:2] == b"\x1f\x8b" else answer.content
