"""Imports the user's module; what goes wrong is said in the user's terms."""

from __future__ import annotations

import contextlib
import sys
import traceback
from pathlib import Path
from typing import Any

from .import_path import file_of
from .inspection import error_text, namespace_of

# What the container's server imports, and reading a source does not.
_SERVER = {"flyte_runtime", "httptools", "uvicorn", "uvloop", "websockets"}


class Refusal(Exception):
    """The source cannot be used; the text says why and what to do."""


def load(module: str, root: Path) -> Any:
    hidden = hidden_by(module, root)
    if hidden:
        raise Refusal(hidden)
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
        top = str(error.name).partition(".")[0]
        hint = hidden_by(top, root) or broken_link(top, root) or hint
        raise Refusal(f"{place(error, root)}: there is no module {error.name!r}: {hint}") from None
    except BaseException as error:
        hidden = hidden_by(error.name or "", root) if isinstance(error, ImportError) else ""
        hint = f": {hidden}" if hidden else ""
        reason = f"{place(error, root)}: importing it raised {error_text(error)}{line_of(error, root)}{hint}"
        raise Refusal(reason) from None
    return sys.modules[module]


def hidden_by(module: str, root: Path) -> str:
    """Say that a file at the root has the name of a module that everybody imports, as `queue.py`. Empty if it has not.

    The container's own server imports the standard library's and Flyte's modules too. It would get the file instead.
    """
    file = next((path for path in (root / f"{module}.py", root / module / "__init__.py") if path.is_file()), None)
    if not module.isidentifier() or file is None:
        return ""
    shown = file.relative_to(root).as_posix()
    if module in sys.stdlib_module_names:
        return f"{shown} is hidden by the standard library's module {module!r}: rename the file"
    loaded = sys.modules.get(module)
    path = file_of(loaded)
    is_loaded = not path.samefile(file) if path else "__path__" in namespace_of(loaded)
    if not is_loaded and module not in _SERVER:
        return ""
    return f"{shown} is hidden by the installed package {module!r}: rename the file"


def broken_link(module: str, root: Path) -> str:
    """Say that a file or folder at the root that has the module's name is a link to nothing. Empty if it is not."""
    for path in (root / f"{module}.py", root / module):
        if path.is_symlink() and not path.exists():
            return f"{path.name} is a link to '{path.readlink()}', where there is nothing"
    return ""


def line_of(error: BaseException, root: Path) -> str:
    """Return the user's own line that `place` names, as it is written."""
    frames = own_frames(error, root)
    return f", in `{frames[-1].line}`" if frames and frames[-1].line else ""


def own_frames(error: BaseException, root: Path) -> list[traceback.FrameSummary]:
    """Return the frames in the user's own files."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(root))]


def place(error: BaseException, root: Path) -> str:
    """Return the innermost line of the user's own code."""
    frames = own_frames(error, root)
    return f"{display(frames[-1].filename, root)}:{frames[-1].lineno}" if frames else "import"


def display(filename: str, root: Path) -> str:
    with contextlib.suppress(ValueError):
        return Path(filename).relative_to(root).as_posix()
    return filename
