"""`make dist`: writes the files of a release to dist/, the same bytes wherever it runs.

    tools/run python tools/dist.py [FOLDER]

| file | for |
|---|---|
| `*.whl` | Python |
| `pulumi-resource-flyte-vVERSION-OS-ARCH.tar.gz` | the engine, which installs it for any language |
| `pulumi-flyte-flyte-VERSION.tgz` | npm |
| `go/…` | Go, as a module proxy: `GOPROXY=file:///…/dist/go` |
| `SHA256SUMS` | `sha256sum --check` |

Times in the files are SOURCE_DATE_EPOCH, by default the time of the last commit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

from archives import PROGRAM, Entry, tree, write_tar, write_zip

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = "pulumi-resource-flyte"
SYSTEMS = ("linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64")
GO_MODULE = "github.com/pulumi-flyte/pulumi-flyte/sdk/go"
# Before the first commit that a checkout knows, and in one without git.
FALLBACK_EPOCH = 1577836800


def main() -> int:
    """Write the files and print their names."""
    parser = argparse.ArgumentParser(prog="tools/dist.py", description="Write the files of a release.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="default: dist/")
    folder = parser.parse_args().folder.resolve()
    epoch = release_time()
    empty(folder)
    try:
        write_release(folder, epoch)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)  # half a release looks like a whole one
        raise
    print(f"{folder}:\n{(folder / 'SHA256SUMS').read_text()}", end="")
    return 0


def write_release(folder: Path, epoch: int) -> None:
    """Write all files of a release."""
    with tempfile.TemporaryDirectory(prefix="dist-") as scratch:
        build_wheels(folder, epoch)
        version = next(folder.glob("pulumi_flyte-*.whl")).name.split("-")[1]
        write_plugin(folder, version, epoch)
        write_go_module(folder / "go" / GO_MODULE / "@v", version, epoch)
        write_npm_package(folder, Path(scratch))
    write_checksums(folder)


def empty(folder: Path) -> None:
    """Make a folder for the files, and remove those of an earlier release. End with a message for any other folder."""
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / "SHA256SUMS").exists():
            sys.exit(f"{folder} has files that are not part of a release: name an empty folder, or remove it")
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as error:
        sys.exit(f"{folder} cannot be written: {error.strerror}")


def release_time() -> int:
    """Return the time of the files in unix seconds."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed:
        if not fixed.isdecimal():
            sys.exit(f"SOURCE_DATE_EPOCH is {fixed!r}: a number of seconds")
        return int(fixed)
    if shutil.which("git") is None:
        return FALLBACK_EPOCH
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else FALLBACK_EPOCH


def build_wheels(folder: Path, epoch: int) -> None:
    """Build the three wheels. Hatchling takes times from SOURCE_DATE_EPOCH, and sorts and normalises the rest."""
    run(ROOT, "uv", "build", "--quiet", "--wheel", "--all-packages", "--out-dir", str(folder), epoch=epoch)
    (folder / ".gitignore").unlink(missing_ok=True)


def write_plugin(folder: Path, version: str, epoch: int) -> None:
    """Write the plugin's archive for each system. All have the same content: a script and wheels for any system."""
    options = ("--no-hashes", "--no-dev", "--no-emit-workspace", "--no-header", "--no-annotate")
    chosen = ("--package", "pulumi-flyte", "--extra", "kubernetes")
    constraints = run(ROOT, "uv", "export", "--quiet", "--frozen", *options, *chosen)
    launcher = (ROOT / "provider" / "launcher" / "launcher.py").read_text()
    if f'VERSION = "{version}"' not in launcher:
        sys.exit(f"provider/launcher/launcher.py names another version than {version}")
    entries = {
        PLUGIN: Entry(launcher.encode(), PROGRAM),
        "constraints.txt": Entry(constraints.encode()),
        "LICENSE": Entry((ROOT / "LICENSE").read_bytes()),
        **{f"wheels/{wheel.name}": Entry(wheel.read_bytes()) for wheel in folder.glob("*.whl")},
    }
    for system in SYSTEMS:
        write_tar(folder / f"{PLUGIN}-v{version}-{system}.tar.gz", entries, epoch)


def write_go_module(folder: Path, version: str, epoch: int) -> None:
    """Write the module as a module proxy serves it. https://go.dev/ref/mod#goproxy-protocol"""
    folder.mkdir(parents=True)
    source = ROOT / "sdk" / "go"
    entries = tree(source, f"{GO_MODULE}@v{version}/")
    entries[f"{GO_MODULE}@v{version}/LICENSE"] = Entry((ROOT / "LICENSE").read_bytes())
    moment = datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    (folder / "list").write_text(f"v{version}\n")
    (folder / f"v{version}.info").write_text(json.dumps({"Version": f"v{version}", "Time": moment}))
    shutil.copyfile(source / "go.mod", folder / f"v{version}.mod")
    write_zip(folder / f"v{version}.zip", entries, epoch)


def write_npm_package(folder: Path, scratch: Path) -> None:
    """Compile the package with the pinned compiler, and pack it. npm gives every file one time and one mode."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOT / "tools" / "nodejs" / name, scratch / name)
    run(scratch, "npm", "ci", "--silent", "--prefer-offline", "--no-audit", "--no-fund")
    source, package = scratch / "flyte", scratch / "package"
    shutil.copytree(ROOT / "sdk" / "nodejs", source, ignore=shutil.ignore_patterns("node_modules", "bin"))
    run(scratch, str(scratch / "node_modules" / ".bin" / "tsc"), "--project", "flyte", "--outDir", str(package))
    for file in (source / "package.json", source / "README.md", ROOT / "LICENSE"):
        shutil.copyfile(file, package / file.name)
    run(package, "npm", "pack", "--silent", "--pack-destination", str(folder))


def write_checksums(folder: Path) -> None:
    """Write SHA256SUMS, as `sha256sum --check` reads it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n" for file in files)
    (folder / "SHA256SUMS").write_text("".join(lines))


def run(folder: Path, *command: str, epoch: int | None = None) -> str:
    """Run a command and return its output. End with its message if it fails."""
    environment = dict(os.environ) if epoch is None else {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        sys.exit(f"`make dist` needs {command[0]} on PATH")
    if done.returncode:
        sys.exit(f"{' '.join(command)} in {folder}:\n{done.stdout}{done.stderr}")
    return re.sub(r"\r\n", "\n", done.stdout)


if __name__ == "__main__":
    sys.exit(main())
