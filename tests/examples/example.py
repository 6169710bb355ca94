"""An example in a newcomer's checkout, with its own Pulumi.yaml, on the real engine and the real control plane."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx

from tests.e2e.harness import ROOT, VENV_BIN, Outcome, Stack

EXAMPLES = ROOT / "examples"
PATIENCE = 60.0
Value = TypeVar("Value")


@dataclass
class Example(Stack):
    """`base` is the checkout. Port, homes and backend are in it, so that examples share them as a user's do."""

    example: str = ""

    def __post_init__(self) -> None:
        self.project = self.example
        self.folder = self.base / "examples" / self.example
        shutil.copytree(EXAMPLES / self.example, self.folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.log = self.base / f"{self.example}.json"
        for folder in ("backend", ".state", "tmp"):
            (self.base / folder).mkdir(exist_ok=True)
        environment = self.base / ".venv"
        if not environment.exists():
            environment.symlink_to(VENV_BIN.parent)

    @property
    def environment(self) -> dict[str, str]:
        """The variables, with a temporary folder for this stack. Apps store data there, such as deliveries."""
        return {**super().environment, "TMPDIR": str(self.base / "tmp")}

    def deploy(self, secrets: Mapping[str, str]) -> None:
        """`pulumi up` of a new stack."""
        self.pulumi("stack", "init", self.name, check=True)
        for key, value in secrets.items():
            self.pulumi("config", "set", "--secret", key, "--stack", self.name, check=True, stdin=value)
        done = self.up("--config", f"flyte:localPort={self.port}")
        assert done.code == 0, done.text
        self.urls = outputs_of(done)

    def ask(self, method: str, output: str, path: str = "", **options: object) -> httpx.Response:
        """Send a request to the app whose URL is that output."""
        url = self.urls[output].rstrip("/") + path
        return httpx.request(method, url, timeout=PATIENCE, trust_env=False, **options)  # type: ignore[arg-type]

    def websocket(self, output: str, path: str) -> str:
        """Return the URL of a WebSocket of the app whose URL is that output."""
        return "ws" + self.urls[output].removeprefix("http").rstrip("/") + path

    def follow_readme(self) -> None:
        """Run the commands of the README between `pulumi up` and `pulumi destroy`, and check their output."""
        steps = steps_of((self.folder / "README.md").read_text())
        # One shell, since a line may set a variable for the next ones.
        script = "\n".join(f"{command}\nprintf '\\0'" for command, _ in steps)
        shown = self.run("bash", "-euo", "pipefail", "-c", script).text.split("\0")
        for (command, expected), text in zip(steps, shown, strict=False):
            assert fits(expected, text), f"{command}\nprinted:\n{text}\nand not:\n{expected}"


def steps_of(readme: str) -> list[tuple[str, str]]:
    """Return each command of a README after `pulumi up`, with the comment below it.

    The comment is the output of the command, in which `…` stands for any text.
    """
    [block] = re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    after = block.partition("pulumi up\n")[2].removesuffix("pulumi destroy\n")
    steps: list[tuple[str, str]] = []
    for line in after.splitlines():
        if not line.startswith("# "):
            steps.append((line, ""))
        elif steps and not line.endswith("."):
            steps[-1] = (steps[-1][0], line.removeprefix("# "))
    return steps


def fits(expected: str, text: str) -> bool:
    """Check that the text has all parts in this order, ignoring colours and line ends."""
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", text).split())
    pattern = ".*".join(re.escape(part.strip()) for part in expected.split("…"))
    return re.search(pattern, plain) is not None


def outputs_of(update: Outcome) -> dict[str, str]:
    """Return the outputs of the stack, from the engine's own event log."""
    for event in reversed(update.events):
        metadata = event.get("resOutputsEvent", {}).get("metadata", {})
        if metadata.get("type") == "pulumi:pulumi:Stack":
            outputs: dict[str, str] = metadata["new"]["outputs"]
            return outputs
    raise AssertionError(f"no outputs in:\n{update.text}")


def until(probe: Callable[[], Value | None], what: str) -> Value:
    """Return the first true value of `probe`, which is called until then."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = probe()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come within {PATIENCE:g} s")
