#!/usr/bin/env python3
"""The plugin as the Pulumi engine installs it, from an archive that has only this script and our wheels.

The archive has it under the name `pulumi-resource-flyte`. It starts the plugin in

- the environment that is active, or the `.venv` of the program, if `pulumi-flyte` is in it in this version. Sources
  are then read with all that is installed beside it;
- otherwise an environment of its own, which it makes when it is first started, below the plugin's folder or, if that
  is read-only, below the user's cache.

It uses the standard library only, and has no annotations that an older Python could not parse.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "0.1.0"
OLDEST = (3, 10)
MINORS = ("3.14", "3.13", "3.12", "3.11", "3.10")
PROGRAM = "pulumi-resource-flyte"
HERE = Path(os.path.realpath(__file__)).parent


def main():
    """Start the plugin in place of this process."""
    if sys.version_info < OLDEST:
        start_with_newer_python()
    try:
        environment = prepared_environment() or provided_environment()
    except (OSError, RuntimeError) as error:  # a RuntimeError is a user without a home
        fail(
            f"its Python environment cannot be made: {error}.\n"
            "It needs a writable folder: the plugin's own, or the one that XDG_CACHE_HOME names."
        )
    python = environment / "bin" / "python"
    os.execv(python, [str(python), str(environment / "bin" / PROGRAM), *sys.argv[1:]])


def start_with_newer_python():
    """Start this script again with a Python of PATH that is new enough."""
    for minor in MINORS:
        python = shutil.which("python" + minor)
        if python:
            os.execv(python, [python, *sys.argv])
    version = ".".join(str(part) for part in sys.version_info[:3])
    fail("it needs Python 3.10 or newer on PATH, and python3 is {}.".format(version))  # noqa: UP032 (old Pythons)


def prepared_environment():
    """Return the active environment or the program's `.venv` if it has the plugin in this version, or None."""
    active = os.environ.get("VIRTUAL_ENV")
    candidates = [Path(active)] if active else []
    for environment in [*candidates, Path.cwd() / ".venv"]:
        if not (environment / "bin" / PROGRAM).exists():
            continue
        versions = [
            each.name.split("-")[1] for each in environment.glob("lib/python3*/site-packages/pulumi_flyte-*.dist-info")
        ]
        if f"{VERSION}.dist" not in versions:
            say(f"{environment} has another version of pulumi-flyte, which is not used.")
        elif not has_python(environment):
            say(f"{environment} has no Python any more, and is not used. Make it again.")
        else:
            return environment
    return None


def has_python(environment):
    """Return whether its Python is still there. It is a link to one that an upgrade of the system may remove."""
    return os.access(environment / "bin" / "python", os.X_OK)


def provided_environment():
    """Return the plugin's own environment. The first start makes it."""
    folder = own_folder()
    complete = folder / "complete"
    environment = folder / "environment"
    if not (complete.exists() and has_python(environment)):
        # Imported here, as Windows has no such module.
        import fcntl

        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the engine may start the plugin twice at the same time
            if not (complete.exists() and has_python(environment)):
                complete.unlink(missing_ok=True)
                install(environment)
                complete.touch()
    return environment


def own_folder():
    """Return the folder of the environment: below the plugin's own, or in the user's cache."""
    if os.access(HERE, os.W_OK):
        return HERE / "python"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "pulumi-flyte" / f"plugin-{VERSION}"


def install(environment):
    """Make an environment with our wheels and the versions that they were tested with."""
    say("installing the plugin's Python packages, once. This takes up to a minute.")
    shutil.rmtree(environment, ignore_errors=True)
    wheels = sorted(str(wheel) for wheel in (HERE / "wheels").glob("*.whl"))
    extras = [f"{wheel}[kubernetes]" if "pulumi_flyte-" in wheel else wheel for wheel in wheels]
    constrained = ["--quiet", "--constraint", str(HERE / "constraints.txt"), *extras]
    python = str(environment / "bin" / "python")
    uv = shutil.which("uv")
    commands = (
        (
            # A uv.toml or pyproject.toml of the program's folder is about the program.
            [uv, "--no-config", "venv", "--quiet", "--python", sys.executable, str(environment)],
            [uv, "--no-config", "pip", "install", "--python", python, *constrained],
        ),
        (
            [sys.executable, "-m", "venv", "--clear", str(environment)],
            [python, "-m", "pip", "install", "--disable-pip-version-check", *constrained],
        ),
    )
    problem = ""
    for steps in commands if uv else commands[1:]:
        problem = first_problem(steps)
        if not problem:
            return
    shutil.rmtree(environment, ignore_errors=True)
    fail(
        f"its Python packages could not be installed:\n{problem}\n"
        "It needs Python's venv module (on Debian: apt install python3-venv) or uv, and a package index;"
        " pip's settings and uv's variables apply. Run the command again afterwards."
    )


def first_problem(steps):
    """Run the commands. Return the end of the output of the first that fails, or an empty text."""
    for command in steps:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if done.returncode:
            return done.stdout.decode(errors="replace").strip()[-2000:]
    return ""


def say(text):
    """Write a line. The engine shows what a plugin writes to its standard error."""
    sys.stderr.write(f"{PROGRAM}: {text}\n")
    sys.stderr.flush()


def fail(text):
    """End with a message."""
    sys.stderr.write(PROGRAM + ": " + text + "\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
