"""`Manifest`: what a workload is made of, so that a change of it names files and packages and not hashes.

A component keeps its manifest as the output `manifest`. Pulumi compares the inputs of a component, and never its
outputs: so a manifest changes nothing by itself and shows in no preview. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pulumi_flyte.source.bundle import Bundle, digest_of
from pulumi_flyte.workload.contract import Contract, packed, unpacked

# The property of a component. A reader takes no document of another format.
OUTPUT = "manifest"
FORMAT = 1
_DIGITS = 16
_LONGEST_VALUE = 200

Document = Mapping[str, int | str | Mapping[str, str]]


class Manifest(NamedTuple):
    """The files and packages of a workload, and its contract.

    files: path in the bundle or the image -> the first 16 hexadecimal digits of the SHA-256 of the content.
    packages: name -> version, or what else a requirement says. contract: the API of an app, and the calls of its code.
    in_code: the apps that the code names by Flyte's own means and may reach, without an edge. starts: the tasks that
    the code starts by Flyte's own means. Both are Flyte names of the workload's own project and domain.
    """

    files: Mapping[str, str] = {}
    packages: Mapping[str, str] = {}
    contract: Contract = Contract()
    in_code: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()

    @classmethod
    def of_files(cls, files: Mapping[str, bytes]) -> Manifest:
        """Return the manifest of files by their content."""
        return cls({path: _short_digest_of(content) for path, content in sorted(files.items())})

    @classmethod
    def of_bundle(cls, bundle: Bundle | None) -> Manifest:
        """Return the manifest of a workload's own files."""
        return cls() if bundle is None else cls.of_files(bundle.files)

    def joined(self, other: Manifest) -> Manifest:
        """Return both in one."""
        files, packages = {**self.files, **other.files}, {**self.packages, **other.packages}
        return self._replace(files=files, packages=packages)

    def as_dict(self) -> Document:
        """Return the form that the state keeps."""
        parts = {"files": self.files, "packages": self.packages}
        document: dict[str, int | str | Mapping[str, str]] = {"format": FORMAT}
        document |= {name: dict(part) for name, part in parts.items() if part}
        if self.contract.api is not None:
            document["api"] = packed(self.contract.api)
        if self.contract.calls:
            document["calls"] = packed(self.contract.calls)
        # Names of apps and tasks have no blanks.
        document |= {name: " ".join(part) for name, part in (("inCode", self.in_code), ("starts", self.starts)) if part}
        return document

    @classmethod
    def parse(cls, document: object) -> Manifest | None:
        """Return the inverse of `as_dict`. Return None for a document of another format, or none at all."""
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            return None
        api, calls = (unpacked(str(document.get(name, ""))) for name in ("api", "calls"))
        contract = Contract(api if isinstance(api, dict) else None, tuple(calls) if isinstance(calls, list) else ())
        in_code, starts = (tuple(str(document.get(name, "")).split()) for name in ("inCode", "starts"))
        return cls(_texts(document.get("files")), _texts(document.get("packages")), contract, in_code, starts)


def configuration_manifest(values: Mapping[str, str]) -> Document:
    """Return the output of an Environment that holds the stack's configuration, secrets excepted.

    Pulumi's state does not say with which configuration it was made.
    """
    return {"format": FORMAT, "configuration": {key: shortened(value) for key, value in values.items()}}


def configuration_of(document: object) -> Mapping[str, str] | None:
    """Return the inverse of `configuration_manifest`. Return None for any other document."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        return None
    return _texts(document.get("configuration"))


def secret_manifest(value: object) -> Document:
    """Return the output of a Secret that says where its value comes from: `output` for one that the engine hides, such
    as an encrypted configuration value, and `text` for one that the program spells out."""
    return {"format": FORMAT, "value": "none" if value is None else "text" if isinstance(value, str) else "output"}


def shortened(value: str) -> str:
    """Return a value, or a digest of one that is too long to be kept."""
    return value if len(value) <= _LONGEST_VALUE else f"sha256:{_short_digest_of(value.encode())}"


def _texts(part: object) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in part.items()} if isinstance(part, Mapping) else {}


def _short_digest_of(content: bytes) -> str:
    return digest_of(content)[:_DIGITS]
