"""A Git repository with a Pulumi project, for tests of checkouts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

_AUTHOR = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
PULUMI_YAML = "name: shop\nruntime: python\n"


@dataclass(frozen=True)
class Repository:
    """A repository whose top folder is the project."""

    folder: Path
    is_new: bool = True

    @classmethod
    def at(cls, folder: Path) -> Repository:
        """Return a repository that is there already."""
        return cls(folder, is_new=False)

    def __post_init__(self) -> None:
        if not self.is_new:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet")
        self.write({"Pulumi.yaml": PULUMI_YAML})

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write files. None removes one."""
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dedent(text))

    def commit(self, files: Mapping[str, str | None] | None = None) -> None:
        """Write files, and commit all that has changed."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "test: change")

    def git(self, *arguments: str) -> str:
        environment = {**os.environ, **_AUTHOR}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    @property
    def untracked(self) -> list[str]:
        """The files that Git does not know, with those that are ignored."""
        return self.git("status", "--short", "--ignored", "--untracked-files=all").splitlines()
