"""A generated program as a stack of the real engine, in a Git repository of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pulumi_flyte_review.engine.offline.comparison import preview_offline
from pulumi_flyte_review.model.preview import Preview

from tests.e2e.harness import Outcome, Stack
from tests.review.engine.offline.repository import Repository
from tests.review.generated.programs import Program


class GeneratedStack:
    """A stack whose program is written anew for each edit."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        pulumi_yaml = (stack.folder / "Pulumi.yaml").read_text()
        self._repository = Repository(stack.folder)
        stack.write({"Pulumi.yaml": pulumi_yaml})
        stack.init()
        self._ciphertexts: dict[tuple[str, int], Any] = {}
        self._salt = self._document()["encryptionsalt"]

    def write(self, program: Program) -> None:
        """Write the program and the stack's configuration."""
        for stale in self.stack.folder.glob("*.py"):
            stale.unlink()
        hidden = {f"shop:{key}": self._ciphertext(key, count) for key, count in program.secrets.items()}
        plain = {f"shop:{key}": value for key, value in program.configuration.items()}
        values = {"flyte:localPort": str(self.stack.port), **plain, **hidden}
        document = {"encryptionsalt": self._salt, "config": values}
        self.stack.write({**program.files(), "Pulumi.dev.yaml": yaml.safe_dump(document)})

    def commit(self) -> None:
        """Commit what is written: the base of comparisons."""
        self._repository.commit()

    def offline(self) -> Preview:
        """Compare the working tree with the last commit, by the stand-in engine."""
        return preview_offline(Path(self.stack.folder), "HEAD", self.stack.name)

    def preview(self) -> Outcome:
        """Preview by the real engine."""
        outcome = self.stack.preview()
        assert outcome.code == 0, outcome.text
        return outcome

    def _ciphertext(self, key: str, count: int) -> Any:
        if (key, count) not in self._ciphertexts:
            self.stack.configure({key: f"value {count} of {key}"}, secret=True)
            self._ciphertexts[key, count] = self._document()["config"][f"shop:{key}"]
        return self._ciphertexts[key, count]

    def _document(self) -> Any:
        return yaml.safe_load((self.stack.folder / "Pulumi.dev.yaml").read_text())
