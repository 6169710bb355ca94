"""The reason of a failed preview, in one message. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pulumi_flyte_review.engine.colour import without_colour
from pulumi_flyte_review.model.preview import Diagnostic

_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
_NODE_HEAD = re.compile(r"^Running program '[^']*' failed with an unhandled exception:\s*")
_NODE_FRAME = re.compile(r"^\s+at (?:async )?(?:.*\()?(?P<file>\S+?):(?P<line>\d+):\d+\)?$")
# The last words of a failed run, after the engine has said what failed.
_AFTERMATH = re.compile(
    r"^(?:error: )?(?:(?:preview|update) failed$|an unhandled error occurred: program exited)"
    r"|grpc: the client connection is closing",
    re.IGNORECASE,
)


def failure_message(diagnostics: Iterable[Diagnostic], output: str, folder: str) -> str:
    """Return what went wrong. output: what the command printed. folder: the program's, whose lines are named."""
    errors = [_condensed(each.message, folder) for each in diagnostics if each.severity == "error"]
    telling = [error for error in dict.fromkeys(errors) if error]
    if telling:
        return "\n".join(telling)
    lines = [line.removeprefix("error: ").strip() for line in without_colour(output).splitlines() if line.strip()]
    printed = [line for line in lines if not _AFTERMATH.search(line)]
    return "\n".join(printed[-5:]) or "pulumi preview failed without a message: run `pulumi preview` to see more"


def _condensed(message: str, folder: str) -> str:
    """Return a message with the program's own line instead of a traceback."""
    _, mark, traceback = message.partition(_TRACEBACK)
    if not mark:
        text = _NODE_HEAD.sub("", message.removeprefix("error: ").removeprefix("Preview failed: ").strip())
        return _without_node_frames([line for line in text.splitlines() if not _AFTERMATH.search(line)], folder)
    frames = [(frame["file"], frame["line"]) for frame in _FRAME.finditer(traceback)]
    in_program = [
        (file, line) for file, line in frames if file.startswith(f"{folder}/") and "/site-packages/" not in file
    ]
    problem = "\n".join(_after_frames(traceback))
    if not in_program:
        return problem
    file, line = in_program[-1]
    return f"{file.removeprefix(folder + '/')}, line {line}: {problem}"


def _without_node_frames(lines: Iterable[str], folder: str) -> str:
    """Return a message with the program's own line instead of the frames of Node.js, if it has any."""
    frames: list[re.Match[str]] = []
    problem: list[str] = []
    for line in lines:
        frame = _NODE_FRAME.match(line)
        frames.append(frame) if frame else problem.append(line)
    text = "\n".join(problem)
    in_program = [
        each for each in frames if each["file"].startswith(f"{folder}/") and "/node_modules/" not in each["file"]
    ]
    if not in_program:
        return text
    file, line = in_program[0]["file"].removeprefix(folder + "/"), in_program[0]["line"]
    return f"{file}, line {line}: {text}"


def _after_frames(traceback: str) -> list[str]:
    """Return the lines that follow the last frame: the exception and its text."""
    lines = traceback.rstrip().splitlines()
    indented = [index for index, line in enumerate(lines) if line.startswith((" ", "\t")) and _is_frame(lines, index)]
    return [line.strip() for line in lines[(indented[-1] + 1 if indented else 0) :] if line.strip()]


def _is_frame(lines: list[str], index: int) -> bool:
    """Return whether a line names a file, or is the code below one."""
    return any(_FRAME.match(line) for line in lines[max(0, index - 2) : index + 1])
