"""Imports the user's module; what goes wrong is said in the user's terms."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import Any


class Refusal(Exception):
    """The source cannot be used; the text says why and what to do."""


def load(module: str, root: Path) -> Any:
    try:
        __import__(module)
    except SystemExit as stop:
        guard = "guard the script part with `if __name__ == '__main__':`"
        raise Refusal(f"importing it called sys.exit({stop.code!r}): {guard}") from None
    except SyntaxError as error:
        raise Refusal(f"{display(str(error.filename), root)}:{error.lineno}: syntax error: {error.msg}") from None
    except ModuleNotFoundError as error:
        hint = f"install it in {sys.executable}'s environment" if error.name else ""
        raise Refusal(f"{place(error, root)}: there is no module {error.name!r}: {hint}") from None
    except BaseException as error:
        raise Refusal(f"{place(error, root)}: importing it raised {type(error).__name__}: {error}") from None
    return sys.modules[module]


def place(error: BaseException, root: Path) -> str:
    """The innermost line of the user's own code."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(root))]
    return f"{display(frames[-1].filename, root)}:{frames[-1].lineno}" if frames else "import"


def display(filename: str, root: Path) -> str:
    with contextlib.suppress(ValueError):
        return Path(filename).relative_to(root).as_posix()
    return filename


def watch_reads(root: Path) -> set[str]:
    """The files below the root that are opened from now on, code aside: a reading depends on them too."""
    opened: set[str] = set()

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and not set(str(arguments[1])) & set("wax+"):
            path = os.path.abspath(arguments[0])
            inner = os.path.relpath(path, root).split(os.sep)
            # What an interpreter or a tool keeps in the folder is not the program's.
            foreign = "site-packages" in inner or any(part.startswith(".") for part in inner)
            if (
                path.startswith(f"{root}{os.sep}")
                and not foreign
                and not path.endswith((".py", ".pyc", ".cfg", ".pth"))
            ):
                opened.add("/".join(inner))

    sys.addaudithook(audit)
    return opened


def local_files(root: Path) -> list[str]:
    """The files of all imported modules below the root, as Flyte's `loaded_modules` bundles them."""
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "purelib", "platlib")}
    found = set()
    for module in list(sys.modules.values()):
        origin = getattr(module, "__file__", None)
        if not origin or not origin.endswith(".py"):
            continue
        path = Path(origin).resolve()
        foreign = "site-packages" in path.parts or any(path.is_relative_to(place) for place in installed)
        if path.is_relative_to(root) and not foreign:
            found.add(path.relative_to(root).as_posix())
    return sorted(found)


def revive_flyte_loop() -> None:
    """Importing flyte starts a thread that a fork leaves behind (flyte/syncify/_api.py)."""
    with contextlib.suppress(Exception):
        from flyte.syncify import syncify

        loop = syncify._bg_loop
        type(loop).__init__(loop, loop.thread.name)
