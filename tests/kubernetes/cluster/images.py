"""The registry and BuildKit, in the machine's own network so that builds reach package indexes; and the base images."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.kubernetes.cluster.daemons import Daemon, end_all, wait_until
from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import REGISTRY, REGISTRY_PORT, Home

BASE_IMAGE = f"{REGISTRY}/base:1"
PAUSE_IMAGE = f"{REGISTRY}/pause:1"
_CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_CA_IN_IMAGES = "/etc/ssl/certs/ca-certificates.crt"
_RUNC_STATE = Path("/run/runc")

_PAUSE_DOCKERFILE = """\
FROM scratch
COPY pause /pause
ENTRYPOINT ["/pause"]
"""
# uv and pip trust what this machine trusts, which may stand behind an authority of its own.
_BASE_DOCKERFILE = f"""\
FROM scratch
ADD rootfs.tar /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV SSL_CERT_FILE={_CA_IN_IMAGES} PIP_CERT={_CA_IN_IMAGES}
"""


def start(home: Home) -> None:
    """Start the registry and BuildKit where they do not run."""
    registry, builder = Daemon(home, "registry"), Daemon(home, "buildkitd")
    if not registry.runs:
        if _registry_answers():
            raise ClusterError(
                f"port {REGISTRY_PORT} of this machine is taken: end what listens there, or set CLUSTER_REGISTRY_PORT"
            )
        registry.start(["docker-registry", "serve", "conf/registry.yml"])
    wait_until(_registry_answers, 30, f"the registry on port {REGISTRY_PORT}", registry)
    if not builder.runs:
        if not _RUNC_STATE.exists():
            _made_runc_state(home).touch()
        home.builder_socket.unlink(missing_ok=True)
        builder.start(["buildkitd", "--config", "conf/buildkitd.toml"])
    wait_until(lambda: _buildctl(home, ["debug", "workers"]).returncode == 0, 30, "buildkitd", builder)


def stop(home: Home) -> None:
    """End both, and remove what they leave outside the home."""
    end_all([Daemon(home, "registry"), Daemon(home, "buildkitd")], 15)
    home.builder_socket.unlink(missing_ok=True)
    if _made_runc_state(home).exists():
        if _RUNC_STATE.is_dir() and not any(_RUNC_STATE.iterdir()):
            _RUNC_STATE.rmdir()
        _made_runc_state(home).unlink()


def provide_base(home: Home) -> None:
    """Push the pause image and the base of all images, where the registry does not have them. A minute once."""
    if not _is_in_registry(PAUSE_IMAGE):
        build(home, PAUSE_IMAGE, _PAUSE_DOCKERFILE, {"pause": home.bin / "pause"})
    if not _is_in_registry(BASE_IMAGE):
        build(home, BASE_IMAGE, _BASE_DOCKERFILE, {"rootfs.tar": _root_filesystem(home)})


def build(home: Home, reference: str, dockerfile: str, files: Mapping[str, Path]) -> None:
    """Build an image of these files and push it.

    The exit code of buildctl says nothing: it is 1 too where a busy machine takes more than 50 ms for its traces. What
    was pushed is in the metadata.
    """
    with tempfile.TemporaryDirectory(dir=home.run) as folder:
        context, metadata = Path(folder) / "context", Path(folder) / "metadata.json"
        context.mkdir()
        (context / "Dockerfile").write_text(dockerfile)
        for name, path in files.items():
            os.link(path, context / name)
        arguments = ["build", "--progress", "plain", "--frontend", "dockerfile.v0"]
        arguments += ["--local", f"context={context}", "--local", f"dockerfile={context}"]
        arguments += ["--metadata-file", str(metadata), "--output", f"type=image,name={reference},push=true"]
        done = _buildctl(home, arguments)
        is_pushed = metadata.exists()
    if not is_pushed:
        raise ClusterError(f"the image {reference} could not be built:\n{done.stderr[-2000:]}")


def _root_filesystem(home: Home) -> Path:
    """Return an archive of a minimal Debian with Python, made by debootstrap from the mirror that apt uses."""
    archive = home.lib / "rootfs.tar"
    if archive.exists():
        return archive
    folder = home.run / "rootfs"
    shutil.rmtree(folder, ignore_errors=True)
    script = home.debian / "usr/sbin/debootstrap"
    packages = "--include=python3,python3-venv,ca-certificates"
    environment = {**home.environment(), "DEBOOTSTRAP_DIR": str(home.debian / "usr/share/debootstrap")}
    log = home.log / "debootstrap.log"
    with log.open("wb") as output:
        command = ["sh", str(script), "--variant=minbase", packages, "bookworm", str(folder), _mirror()]
        code = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        raise ClusterError(f"debootstrap failed:\n{log.read_text()[-2000:]}")
    for cache in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(folder / cache)
    shutil.copyfile(_ca_bundle(), folder / _CA_IN_IMAGES.lstrip("/"))
    partial = archive.with_suffix(".partial")
    exclude = [f"--exclude=./{place}/*" for place in ("dev", "proc", "sys")]
    subprocess.run(["tar", "--numeric-owner", *exclude, "-C", str(folder), "-cf", str(partial), "."], check=True)
    shutil.rmtree(folder)
    return partial.rename(archive)


def _mirror() -> str:
    """Return the mirror of Debian 12 that this machine's apt is set to."""
    command = ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"]
    for selection in (["Codename: bookworm"], []):
        sites = subprocess.run([*command, *selection], capture_output=True, text=True, check=False).stdout.split()
        if sites:
            return sites[0]
    raise ClusterError("apt-get names no mirror: is /etc/apt/sources.list empty?")


def _ca_bundle() -> Path:
    for path in (os.environ.get("SSL_CERT_FILE", ""), *_CA_BUNDLES):
        if path and Path(path).exists():
            return Path(path)
    raise ClusterError("this machine has no bundle of certificate authorities: set SSL_CERT_FILE")


def _registry_answers() -> bool:
    return _status("") == httpx.codes.OK


def _is_in_registry(reference: str) -> bool:
    name, _, tag = reference.removeprefix(f"{REGISTRY}/").rpartition(":")
    return _status(f"{name}/manifests/{tag}") == httpx.codes.OK


def _status(path: str) -> int | None:
    accepted = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"
    try:
        with httpx.Client(trust_env=False, headers={"Accept": accepted}) as client:
            return client.get(f"http://127.0.0.1:{REGISTRY_PORT}/v2/{path}").status_code
    except httpx.TransportError:
        return None


def _buildctl(home: Home, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = ["buildctl", "--addr", f"unix://{home.builder_socket}", *arguments]
    return subprocess.run(command, env=home.environment(), capture_output=True, text=True, check=False)


def _made_runc_state(home: Home) -> Path:
    return home.run / "made-runc"
