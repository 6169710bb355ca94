"""The files of a Git reference in a temporary folder. The repository itself is only read."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulumi_flyte_review.errors import CheckoutError

# Files of Git LFS stay pointers on both sides, since their content is somewhere on the network.
_WITHOUT_NETWORK = {"GIT_LFS_SKIP_SMUDGE": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


@contextmanager
def checkout(reference: str, folder: Path) -> Iterator[Path]:
    """Yield the folder as it is at a Git reference. It does not exist if the reference has no such folder.

    An index of its own is used and no worktree is added, so nothing is written to the repository. `git archive` would
    leave out what `.gitattributes` excludes from archives. Raises CheckoutError.
    """
    top = _repository(folder)
    commit = _commit(reference, folder)
    with tempfile.TemporaryDirectory(prefix="pulumi-flyte-base-") as temporary:
        files = Path(temporary) / "files"
        _write_files(top, commit, files, Path(temporary) / "index")
        yield files / folder.resolve().relative_to(top.resolve())


def _repository(folder: Path) -> Path:
    """Return the top folder of the repository around a folder."""
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel"))
    except CheckoutError as error:
        if "not a git repository" not in str(error):
            raise
        raise CheckoutError(
            f"--base needs the program's Git repository, and {folder} is not in one: run the command in a clone"
        ) from None


def _write_files(repository: Path, commit: str, files: Path, index: Path) -> None:
    """Write the files of a commit into a folder, with those of its submodules that this clone has."""
    variables = {"GIT_INDEX_FILE": str(index)}
    _git(repository, "read-tree", commit, **variables)
    _git(repository, "checkout-index", "--all", "--force", f"--prefix={files}/", **variables)
    for path, submodule in _submodules(repository, commit):
        clone = repository / path
        # A submodule that is not there is missing in the working tree as well, so the program can do without.
        if not (clone / ".git").exists():
            continue
        if not _has(clone, submodule):
            raise CheckoutError(
                f"the submodule {path} lacks commit {submodule[:12]}, which the base has: fetch it with"
                f" `git -C {path} fetch origin {submodule}`"
            )
        _write_files(clone, submodule, files / path, index.with_name(f"{index.name}-{submodule}"))


def _submodules(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each submodule of a commit, and the submodule's own commit."""
    for line in _git(repository, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0"):
        entry, _, path = line.partition("\t")
        if entry.startswith("160000 "):
            yield path, entry.split()[2]


def _has(repository: Path, commit: str) -> bool:
    try:
        _git(repository, "cat-file", "-e", f"{commit}^{{commit}}")
    except CheckoutError:
        return False
    return True


def is_tracked(path: Path) -> bool:
    """Return whether Git tracks a file. It does not where there is no repository."""
    try:
        return bool(_git(path.parent, "ls-files", "--", path.name))
    except CheckoutError:
        return False


def _commit(reference: str, folder: Path) -> str:
    try:
        return _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    except CheckoutError:
        shallow = _git(folder, "rev-parse", "--is-shallow-repository") == "true"
        fetch = "fetch it first: a shallow clone, as most CI jobs make, has one commit (`fetch-depth: 0`)"
        way_out = fetch if shallow else "name a branch, a tag or a commit that this clone has"
        raise CheckoutError(f"--base {reference}: this Git repository has no such commit; {way_out}") from None


def _git(folder: Path, *arguments: str, **variables: str) -> str:
    environment = {**os.environ, **_WITHOUT_NETWORK, **variables}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except FileNotFoundError:
        raise CheckoutError("--base needs Git, and there is no `git` on PATH") from None
    if done.returncode != 0:
        raise CheckoutError(f"`git {' '.join(arguments)}` failed in {folder}: {done.stderr.strip()}")
    return done.stdout.strip()
