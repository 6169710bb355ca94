"""Imports the user's module; what goes wrong is said in the user's terms."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
import traceback
from pathlib import Path
from typing import Any

from .inspection import namespace_of, text
from .modules import loading


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
        where = f"install it in {sys.executable}'s environment, where code is read"
        hint = f"{where}, or import it inside the functions that need it" if error.name else ""
        raise Refusal(f"{place(error, root)}: there is no module {error.name!r}: {hint}") from None
    except BaseException as error:
        said = f"{place(error, root)}: importing it raised {type(error).__name__}: {error}{line_of(error, root)}"
        raise Refusal(said) from None
    return sys.modules[module]


def line_of(error: BaseException, root: Path) -> str:
    """The user's own line that `place` names, as it is written."""
    frames = own_frames(error, root)
    return f", in `{frames[-1].line}`" if frames and frames[-1].line else ""


def own_frames(error: BaseException, root: Path) -> list[traceback.FrameSummary]:
    """The frames in the user's own files."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(root))]


def place(error: BaseException, root: Path) -> str:
    """The innermost line of the user's own code."""
    frames = own_frames(error, root)
    return f"{display(frames[-1].filename, root)}:{frames[-1].lineno}" if frames else "import"


def display(filename: str, root: Path) -> str:
    with contextlib.suppress(ValueError):
        return Path(filename).relative_to(root).as_posix()
    return filename


def watch_reads(root: Path) -> dict[str, set[str | None]]:
    """The files below the root that are opened from now on, code aside: a reading depends on them too. With each the
    modules that were being loaded then; None where it was none."""
    opened: dict[str, set[str | None]] = {}

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
                opened.setdefault("/".join(inner), set()).add(loading(root))

    sys.addaudithook(audit)
    return opened


def local_modules(root: Path) -> dict[str, str]:
    """All imported modules below the root with their files, as Flyte's `loaded_modules` bundles them."""
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "purelib", "platlib")}
    found = {}
    for name, module in list(sys.modules.items()):
        path = file_of(module)
        if text(name) is None or path is None or path.suffix != ".py":
            continue
        foreign = "site-packages" in path.parts or any(path.is_relative_to(place) for place in installed)
        if path.is_relative_to(root) and not foreign:
            found[str(name)] = path.relative_to(root).as_posix()
    return found


def file_of(module: object) -> Path | None:
    """Return the file of a module, if it has one. The module's own code does not run: a lazy module stays unloaded."""
    origin = text(namespace_of(module).get("__file__"))
    with contextlib.suppress(OSError, ValueError):
        if origin and os.path.isfile(origin):
            return Path(origin).resolve()
    return None


def revive_flyte_loop() -> None:
    """Importing flyte starts a thread that a fork leaves behind (flyte/syncify/_api.py)."""
    with contextlib.suppress(Exception):
        from flyte.syncify import syncify

        loop = syncify._bg_loop
        type(loop).__init__(loop, loop.thread.name)
