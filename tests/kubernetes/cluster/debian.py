"""Debian packages that are downloaded and unpacked into the cluster's home. Nothing is installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import Home

# Debian 12's names. Programs first, then the libraries that a minimal system lacks.
_PACKAGES = (
    *("containerd", "runc", "containernetworking-plugins", "etcd-server", "docker-registry", "debootstrap"),
    *("iptables", "nftables", "conntrack", "ipset"),
    *("libseccomp2", "libxtables12", "libmnl0", "libnftnl11", "libnftables1", "libedit2", "libjansson4", "libbsd0"),
    *("libnetfilter-conntrack3", "libnfnetlink0", "libipset13"),
)
_PROGRAMS = (
    *("usr/bin/containerd", "usr/bin/runc", "usr/bin/etcd", "usr/bin/docker-registry", "usr/lib/cni/bridge"),
    *("usr/sbin/nft", "usr/sbin/iptables", "usr/sbin/conntrack", "usr/sbin/ipset"),
)


def provide(home: Home) -> None:
    """Download and unpack what is not there yet: about 20 seconds and 90 MB once."""
    archives = home.folder / "debs"
    archives.mkdir(parents=True, exist_ok=True)
    for package in _PACKAGES:
        unpacked = archives / f".{package}.done"
        if not unpacked.exists():
            _unpack(_archive(package, archives), home.debian)
            unpacked.touch()
    iptables = home.debian / "usr/sbin/iptables"
    if not iptables.exists():
        iptables.symlink_to("xtables-nft-multi")
    _require_programs(home)


def _archive(package: str, folder: Path) -> Path:
    pattern = f"{package}_*.deb"
    if not list(folder.glob(pattern)):
        command = ["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", package]
        try:
            _run(command, folder)
        except ClusterError:  # the lists of packages are missing or old
            _run(["apt-get", "update", "-qq"], folder)
            _run(command, folder)
    return next(folder.glob(pattern))


def _unpack(archive: Path, root: Path) -> None:
    _run(["dpkg", "-x", str(archive), str(root)], root)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")


def _require_programs(home: Home) -> None:
    """Check that the dynamic linker finds the libraries of each program."""
    environment = {**os.environ, "LD_LIBRARY_PATH": home.daemon_environment()["LD_LIBRARY_PATH"]}
    for program in _PROGRAMS:
        path = home.debian / program
        if not path.exists():
            raise ClusterError(f"Debian's packages brought no {program}: is this Debian 12?")
        libraries = subprocess.run(["ldd", path], env=environment, capture_output=True, text=True, check=False).stdout
        missing = [line.split()[0] for line in libraries.splitlines() if "not found" in line]
        if missing:
            raise ClusterError(f"{program} lacks {', '.join(missing)}: is this Debian 12?")
