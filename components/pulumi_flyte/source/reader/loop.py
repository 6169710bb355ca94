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
from .bytecode import ignore_bytecode
from .distributions import installed, missing_from_stock, requirements, stock_image
from .environments import read_codebase
from .flyte_internals import remember_arguments, restart_thread
from .flyte_objects import Json
from .import_path import remember_loaded_modules
from .importing import Refusal, load, place
from .inspection import error_text
from .needed import Code
from .observation import Observation
from .request import Request


def main() -> None:
    answers = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    warm_up()
    for line in sys.stdin:
        answers.write(json.dumps(answer_in_child(Request.parse(json.loads(line)))) + "\n")


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


def answer_in_child(request: Request) -> Json:
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
            document: Json = json.loads(content)
            return document
        output.seek(0)
        return {"error": "the process that read it ended without an answer", "output": tail(output.read())}


def answer(request: Request) -> Json:
    restart_thread()
    observation = Observation(request.root)
    os.environ.update(request.env)
    sys.path.insert(0, str(request.root))
    os.chdir(request.root)
    ignore_bytecode(observation.locator)
    observation.start()
    try:
        return read_codebase(request, observation) if request.whole else read_source(request, observation)
    except Refusal as refusal:
        return {"error": str(refusal)}
    except Exception as error:
        at = place(error, Path(__file__).parent)
        return {"error": f"reading it failed with {error_text(error)} (at {at})"}


def read_source(request: Request, observation: Observation) -> Json:
    """Return what one source is, and all that it needs of the program's folder."""
    [module] = request.modules
    description = describe(resolve(load(module, request.root), request.attribute or "", module), request)
    observation.watch.end()
    needed = Code(observation, request.modules).needed_by(module)
    is_served = description["kind"] == "asgi"
    return {
        **description,
        **needed.as_json(),
        "listed": sorted(needed.listed | observation.watch.listed.keys()),
        "stock_image": stock_image(),
        "missing_from_stock": missing_from_stock(request.root, needed.files, is_served=is_served),
    }


def tail(output: bytes, lines: int = 20) -> str:
    return "\n".join(output.decode(errors="replace").splitlines()[-lines:])
