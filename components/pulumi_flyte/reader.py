"""Reads one source file in a process of its own. Run by path with the program's interpreter; needs only what is there.

Protocol: one JSON request a line on stdin, one JSON answer a line on the descriptor given as the first argument.
Every request is served by a forked child, so that modules of two folders never meet; the parent has imported what
most sources need, once. The user's prints go to a file that is shown only when reading fails.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import difflib
import gzip
import importlib.metadata
import inspect
import json
import os
import re
import sys
import sysconfig
import tempfile
import traceback
from pathlib import Path
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """The source cannot be used; the text says why and what to do."""


def main() -> None:
    answers = os.fdopen(int(sys.argv[1]), "w", buffering=1)
    # The script's own folder would let the package's modules shadow the user's.
    sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
    warm_up()
    for line in sys.stdin:
        answers.write(json.dumps(answer_in_child(json.loads(line))) + "\n")


def warm_up() -> None:
    """Imports what most sources import. What is missing is the source's own matter."""
    for name in ("flyte", "flyte.app", "flyte.app.extras", "fastapi"):
        with contextlib.suppress(Exception):
            __import__(name)


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
    revive_flyte_loop()
    os.environ.update(request["env"])
    root, module = Path(request["root"]), request["module"]
    sys.path.insert(0, str(root))
    os.chdir(root)
    opened = watch_reads(root)
    try:
        value = resolve(load(module, root), request["attribute"], module)
        found = describe(value, request)
        found["files"] = local_files(root)
        found["read"] = sorted(path for path in opened if path not in found["files"] and (root / path).is_file())
        found["stock_image"], found["missing_from_stock"] = stock_image(), missing_from_stock(root, found)
    except Refusal as refusal:
        return {"error": str(refusal)}
    except Exception as error:
        at = place(error, Path(__file__).parent)
        return {"error": f"reading it failed with {type(error).__name__}: {error} (at {at})"}
    return found


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


def revive_flyte_loop() -> None:
    """Importing flyte starts a thread that a fork leaves behind (flyte/syncify/_api.py)."""
    with contextlib.suppress(Exception):
        from flyte.syncify import syncify

        loop = syncify._bg_loop
        type(loop).__init__(loop, loop.thread.name)


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


def resolve(module: Any, attribute: str, name: str) -> Any:
    value = module
    for part in attribute.split("."):
        if not hasattr(value, part):
            public = [known for known, held in vars(module).items() if is_own(known, held, name)]
            close = difflib.get_close_matches(attribute, public, n=1, cutoff=0.5)
            hint = (
                f"did you mean {close[0]!r}?" if close else f"it defines: {', '.join(sorted(public)[:12]) or 'nothing'}"
            )
            raise Refusal(f"module {name!r} has no attribute {attribute!r}: {hint}")
        value = getattr(value, part)
    return value


def is_own(name: str, value: Any, module: str) -> bool:
    """Whether a module defines it, rather than imports it."""
    if name.startswith("_") or inspect.ismodule(value):
        return False
    return not (inspect.isclass(value) or inspect.isfunction(value)) or value.__module__ == module


def describe(value: Any, request: Json) -> Json:
    for kind, match in (("task", as_task), ("app_environment", as_app_environment)):
        described = match(value, request)
        if described is not None:
            return {"kind": kind, **described}
    if is_task_environment(value):
        raise Refusal(f"{request['attribute']!r} is a TaskEnvironment: name one of its tasks, such as file.py:function")
    if is_asgi(value):
        return {"kind": "asgi"}
    raise Refusal(
        f"{request['attribute']!r} is of type {type(value).__name__}: a source is an ASGI application "
        "(FastAPI, Starlette), a Flyte AppEnvironment or a Flyte task"
    )


def is_task_environment(value: Any) -> bool:
    flyte = sys.modules.get("flyte")
    return flyte is not None and isinstance(value, flyte.TaskEnvironment)


def is_asgi(value: Any) -> bool:
    if inspect.isclass(value) or not callable(value):
        return False
    call = value if inspect.isfunction(value) else type(value).__call__
    with contextlib.suppress(TypeError, ValueError):
        parameters = [p for p in inspect.signature(call).parameters.values() if p.name != "self"]
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        return len(positional) == 3
    return False


def as_task(value: Any, request: Json) -> Json | None:
    flyte = sys.modules.get("flyte")
    if flyte is None:
        return None
    from flyte._task import TaskTemplate

    if not isinstance(value, TaskTemplate):
        return None
    from flyte._internal.runtime.task_serde import translate_task_to_wire

    defaults = default_inputs(value)
    try:
        spec = translate_task_to_wire(value, serialization_context(request), default_inputs=defaults)
    except Exception as error:
        raise Refusal(f"Flyte cannot serialise the task: {type(error).__name__}: {error}") from None
    environment = value.parent_env() if value.parent_env is not None else None
    return {
        "name": value.name,
        "spec": plain(spec),
        "image": image_of(value.image),
        "triggers": [trigger_of(trigger, spec, defaults) for trigger in value.triggers or ()],
        "depends_on": [other.name for other in getattr(environment, "depends_on", [])],
        "include": list(getattr(environment, "include", ())),
    }


def default_inputs(task: Any) -> list[Any]:
    """The defaults of plain values; flyte's own deploy uploads those of files and data frames first."""
    if not any(default is not inspect.Parameter.empty for _, default in task.interface.inputs.values()):
        return []
    import asyncio

    from flyte._internal.runtime.convert import convert_upload_default_inputs

    try:
        return asyncio.run(convert_upload_default_inputs(task.interface))
    except Exception as error:
        raise Refusal(f"the task's default inputs cannot be serialised: {type(error).__name__}: {error}") from None


def trigger_of(trigger: Any, spec: Any, defaults: list[Any]) -> Json:
    """A trigger as Flyte's own deploy would send it, in protobuf JSON."""
    import asyncio

    from flyte._internal.runtime.trigger_serde import to_task_trigger

    template = spec.task_template
    try:
        wire = asyncio.run(to_task_trigger(trigger, template.id.name, template.interface.inputs, defaults))
    except Exception as error:
        raise Refusal(f"trigger {trigger.name!r} cannot be serialised: {type(error).__name__}: {error}") from None
    return plain(wire)


def as_app_environment(value: Any, request: Json) -> Json | None:
    flyte = sys.modules.get("flyte")
    if flyte is None:
        return None
    from flyte.app import AppEnvironment

    if not isinstance(value, AppEnvironment):
        return None
    from flyte.app._runtime.app_serde import translate_app_env_to_idl

    try:
        app = translate_app_env_to_idl(value, serialization_context(request))
    except Exception as error:
        raise Refusal(f"Flyte cannot serialise the app environment: {type(error).__name__}: {error}") from None
    described = plain(app)
    container = described.get("spec", {}).get("container", {})
    container["command"] = [steady(token) for token in container.get("command", [])]
    return {
        "name": value.name,
        "spec": described["spec"],
        "image": image_of(value.image),
        "depends_on": [other.name for other in value.depends_on],
        "include": list(value.include or ()),
    }


def steady(token: str) -> str:
    """gzip writes the time of day into `--parameters`; the same content must give the same token."""
    with contextlib.suppress(Exception):
        packed = base64.b64decode(token, validate=True)
        if packed[:2] == b"\x1f\x8b":
            return base64.b64encode(gzip.compress(gzip.decompress(packed), mtime=0)).decode()
    return token


def serialization_context(request: Json) -> Any:
    from flyte.models import CodeBundle, SerializationContext

    return SerializationContext(
        project="{{project}}",
        domain="{{domain}}",
        org="{{org}}",
        version="{{version}}",
        code_bundle=CodeBundle(computed_version="{{bundle}}", tgz="{{bundle}}", destination="."),
        root_dir=Path(request["root"]),
    )


def plain(message: Any) -> Json:
    from google.protobuf.json_format import MessageToDict

    found: Json = MessageToDict(message)
    return found


def image_of(image: Any) -> Json:
    """`uri` where the image can be used as it is, `layers` where it would have to be built."""
    if image is None or image == "auto":
        return {"stock": True}
    if isinstance(image, str):
        return {"uri": image}
    layers = [type(layer).__name__ for layer in getattr(image, "_layers", ())]
    reference = getattr(image, "_ref_name", None)
    from flyte import Image

    stock = {Image.from_debian_base().uri}
    if image.uri in stock:
        return {"stock": True}
    return {"uri": image.uri, "layers": layers, "reference": reference}


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


def stock_image() -> str | None:
    """The image that Flyte publishes for this Python and this SDK."""
    if "flyte" not in sys.modules:
        return None
    from flyte import Image

    return str(Image.from_debian_base().uri)


def missing_from_stock(root: Path, found: Json) -> list[str]:
    """Distributions that the local files import and Flyte's published image does not have: it holds flyte and what
    flyte requires. An ASGI source is served by the runtime library, which needs its own."""
    owners = importlib.metadata.packages_distributions()
    imported = {name for path in found["files"] for name in imports_of(root / path)}
    if found["kind"] == "asgi":
        imported |= {"uvicorn", "pydantic"}
    wanted = {canonical(owners[name][0]) for name in imported if name in owners}
    return sorted(wanted - requirements("flyte") - {"flyte-runtime"})


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def requirements(distribution: str) -> set[str]:
    """A distribution and all that it requires, without extras."""
    found: set[str] = set()
    waiting = [distribution]
    while waiting:
        name = canonical(waiting.pop())
        if name in found:
            continue
        found.add(name)
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            for requirement in importlib.metadata.requires(name) or ():
                if "extra ==" not in requirement:
                    waiting.append(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])
    return found


def canonical(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def tail(output: bytes, lines: int = 20) -> str:
    return "\n".join(output.decode(errors="replace").splitlines()[-lines:])


if __name__ == "__main__":
    main()
