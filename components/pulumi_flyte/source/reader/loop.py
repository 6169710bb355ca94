"""The reader's loop: one request a line, each answered by a forked child."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import tempfile
from pathlib import Path

from .attributes import describe, resolve
from .distributions import installed, missing_from_stock, requirements, stock_image
from .environments import discover
from .flyte_internals import remember_arguments, restart_thread
from .flyte_objects import Json
from .import_path import Locator, remember_loaded_modules
from .importing import Refusal, load, place
from .inspection import error_text
from .modules import Imports
from .needed import Code
from .watching import Watch


def main() -> None:
    answers = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    warm_up()
    for line in sys.stdin:
        answers.write(json.dumps(answer_in_child(json.loads(line))) + "\n")


def warm_up() -> None:
    """Imports what most sources import, and looks up what is installed. What is missing is the source's own matter."""
    for name in ("flyte", "flyte.app", "flyte.app.extras", "fastapi"):
        with contextlib.suppress(Exception):
            __import__(name)
    with contextlib.suppress(ImportError):
        remember_arguments()
    installed(), requirements("flyte")
    remember_loaded_modules()
    gc.freeze()  # a collection in a forked process would copy the memory of all that is loaded here


def answer_in_child(request: Json) -> Json:
    with tempfile.TemporaryFile() as result, tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                result.write(json.dumps(answer(request)).encode())
                result.flush()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        result.seek(0)
        content = result.read()
        if content:
            found: Json = json.loads(content)
            return found
        output.seek(0)
        return {"error": "the process that read it ended without an answer", "output": tail(output.read())}


def answer(request: Json) -> Json:
    restart_thread()
    root = Path(request["root"])
    locator = Locator(root)
    os.environ.update(request["env"])
    sys.path.insert(0, str(root))
    os.chdir(root)
    imports, watch = Imports(root), Watch(locator)
    imports.start()
    watch.start()
    try:
        if "modules" in request:
            return discover(request, locator, imports, watch)
        return read(request, locator, imports, watch)
    except Refusal as refusal:
        return {"error": str(refusal)}
    except Exception as error:
        at = place(error, Path(__file__).parent)
        return {"error": f"reading it failed with {error_text(error)} (at {at})"}


def read(request: Json, locator: Locator, imports: Imports, watch: Watch) -> Json:
    """One source: what it is, and all that it needs of the program's folder."""
    root, module = locator.root, request["module"]
    found = describe(resolve(load(module, root), request["attribute"], module), request)
    watch.end()
    needed = Code(locator, imports, watch, [module]).needed_by(module)
    found |= {**needed.as_json(), "listed": sorted(needed.listed | watch.listed.keys())}
    found["stock_image"], found["missing_from_stock"] = stock_image(), missing_from_stock(root, found)
    return found


def tail(output: bytes, lines: int = 20) -> str:
    return "\n".join(output.decode(errors="replace").splitlines()[-lines:])
