"""Deploys an app with the wheels of this repository in fresh environments: `make wheels`, or `tools/wheels.py 3.12`.

For each Python on this machine it

- creates a folder outside of the repository, and an environment with the three wheels and their requirements;
- runs a program that deploys one app on the platform `local`;
- sends a request to the app, and runs `pulumi destroy`.

Copy the printed table to docs/compatibility.md.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MINORS = ("3.10", "3.11", "3.12", "3.13", "3.14")
PACKAGES = ("flyte", "flyteidl2", "pulumi", "uvicorn")
PROJECT = """\
name: fresh
runtime: {name: python, options: {virtualenv: .venv}}
plugins: {providers: [{name: flyte, path: .venv/bin}]}
"""
PROGRAM = """\
import pulumi
from pulumi_flyte import App, Environment

shop = Environment("shop")
rates = App("rates", environment=shop, source="rates.py:app")

pulumi.export("rates", rates.public_endpoint)
"""
APP = """\
from fastapi import FastAPI

app = FastAPI()

@app.get("/rates/{currency}")
async def rate(currency: str) -> dict[str, float]:
    return {"rate": {"EUR": 1.0, "USD": 1.09}[currency]}
"""
ANSWER = '{"rate":1.09}'


@dataclass(frozen=True)
class Row:
    """The result of one Python. `packages` are the installed versions."""

    python: str
    packages: str
    outcome: str
    passed: bool


def main() -> int:
    """Build, try each Python, print the table. Return 1 if one of them fails."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="wheels-") as name:
        folder = Path(name).resolve()
        wheels = build_wheels(folder / "dist")
        for minor in sys.argv[1:] or MINORS:
            python = interpreter(minor)
            if python is None:
                rows.append(Row(minor, "", "not on this machine", passed=True))
            else:
                rows.append(try_python(folder / minor, python, wheels))
            print(rows[-1], flush=True)
    print("\n| Python | packages | outcome |\n|---|---|---|")
    for row in rows:
        print(f"| {row.python} | {row.packages} | {row.outcome} |")
    return 0 if all(row.passed for row in rows) else 1


def build_wheels(folder: Path) -> list[Path]:
    """Build the three wheels and return their paths."""
    run(ROOT, dict(os.environ), "uv", "build", "--quiet", "--wheel", "--all-packages", "--out-dir", str(folder))
    return sorted(folder.glob("*.whl"))


def interpreter(minor: str) -> Path | None:
    """Return a Python of this version that works, or None. pyenv has shims also for versions that it cannot run."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    on_path = shutil.which(f"python{minor}")
    for candidate in [*([Path(on_path)] if on_path else []), *sorted(pyenv.glob(f"{minor}.*/bin/python"))]:
        if subprocess.run([candidate, "-c", "import ssl, sqlite3"], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def try_python(folder: Path, python: Path, wheels: list[Path]) -> Row:
    """Deploy the app, send it a request and destroy it, with one Python."""
    for name in ("home", "pulumi", "state"):
        (folder / name).mkdir(parents=True)
    for name, text in {"Pulumi.yaml": PROJECT, "__main__.py": PROGRAM, "rates.py": APP}.items():
        (folder / name).write_text(text)
    variables = environment(folder)
    run(folder, variables, "uv", "--no-config", "venv", "--quiet", "--python", str(python), ".venv")
    run(folder, variables, "uv", "--no-config", "pip", "install", "--quiet", *map(str, wheels), "fastapi", "pip")
    version = run(folder, variables, "python", "-c", "import platform; print(platform.python_version())").strip()
    frozen = dict(re.findall(r"^([\w.-]+)==(.+)$", run(folder, variables, "uv", "pip", "freeze"), re.MULTILINE))
    packages = ", ".join(f"{package} {frozen[package]}" for package in PACKAGES)
    began = time.monotonic()
    try:
        run(folder, variables, "pulumi", "stack", "init", "dev")
        try:
            run(
                folder,
                variables,
                "pulumi",
                "up",
                "--yes",
                "--skip-preview",
                "--config",
                f"flyte:localPort={free_port()}",
            )
            address = run(folder, variables, "pulumi", "stack", "output", "rates").strip()
            with urllib.request.urlopen(f"{address}/rates/USD", timeout=30) as answer:
                text = answer.read().decode()
        finally:
            run(folder, variables, "pulumi", "destroy", "--yes", "--skip-preview")
    except (OSError, RuntimeError) as error:
        return Row(version, packages, " ".join(str(error).split())[-2000:], passed=False)
    outcome = (
        f"deployed, answered, destroyed in {time.monotonic() - began:.0f} s" if text == ANSWER else f"answered {text}"
    )
    return Row(version, packages, outcome, passed=text == ANSWER)


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a fresh environment. Of the user's, it keeps the tools and the package index."""
    inherited = {
        name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_", "LANG", "LC_"))
    }
    tools = os.pathsep.join(
        [str(folder / ".venv" / "bin"), str(ROOT / ".tools" / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]
    )
    return {
        **inherited,
        "PATH": tools,
        "HOME": str(folder / "home"),
        "VIRTUAL_ENV": str(folder / ".venv"),
        "PULUMI_HOME": str(folder / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "UV_CACHE_DIR": uv_cache(),
    }


def uv_cache() -> str:
    return subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def run(folder: Path, variables: dict[str, str], *command: str) -> str:
    """Run a command and return its output. Raises RuntimeError with the output if it fails."""
    program = shutil.which(command[0], path=variables["PATH"]) or command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, env=variables, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
