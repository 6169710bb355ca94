"""The per-user folder that holds everything a local control plane knows.

Layout, all of it readable by its owner only (folders 0700, files 0600):

    instance-id         a random id, made once: another id means another (wiped) home
    owners.json         {owner mark: epoch}: which Pulumi stacks rely on this server
    server.json         the running server: pid, port, version
    server.lock         held for the life of a server: one server a home
    start.lock          held while one is started or stopped
    server.log          what the server process itself prints
    state.sqlite        the store's database
    vault.key           the key that secrets are encrypted with
    store/              uploaded bundles and data, served under /store/
    runs/               one folder a run
    apps/P/D/N/         one folder an app: logs/ and one working folder a revision

The owners file is plain JSON beside the database, so that a preview can read it with the server down.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import platformdirs

from flyte_local.errors import HomeError

HOME_VARIABLE = "FLYTE_LOCAL_HOME"


class Home:
    """One home folder. Making the object touches nothing; `prepare` creates the folders."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        chosen = path or os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("flyte-local")
        self.path = Path(chosen).expanduser().absolute()
        self.database = self.path / "state.sqlite"
        self.store = self.path / "store"
        self.runs = self.path / "runs"
        self.vault_key = self.path / "vault.key"
        self.server_log = self.path / "server.log"

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    def app(self, project: str, domain: str, name: str) -> Path:
        """Return an app's folder."""
        for part in (project, domain, name):
            if not part or part in {".", ".."} or "/" in part or "\0" in part:
                raise HomeError(f"{part!r} cannot name a folder: use letters, digits and dashes")
        return self.path / "apps" / project / domain / name

    def prepare(self) -> None:
        """Create the folders. Raises HomeError if that is impossible."""
        try:
            for folder in (self.path, self.store, self.runs, self.path / "apps"):
                make_folder(folder)
        except OSError as error:
            reason = error.strerror or error
            raise HomeError(f"cannot use {self.path} as the server's home ({reason}): set {HOME_VARIABLE}") from error

    def instance_id(self) -> str:
        """Return the id of this home, made at the first call."""
        file = self.path / "instance-id"
        with contextlib.suppress(FileNotFoundError):
            return file.read_text().strip()
        self.prepare()
        with self.lock("instance.lock"):
            if not file.exists():
                write_file(file, secrets.token_hex(8))
            return file.read_text().strip()

    def owners(self) -> dict[str, int]:
        """Return owner marks and their epochs; needs no running server. Raises HomeError on a file that is not ours."""
        file = self.path / "owners.json"
        try:
            entries = json.loads(file.read_text())
            return {str(owner): int(epoch) for owner, epoch in entries.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise HomeError(f"{file} is not readable as JSON ({error}): remove it or restore it") from error

    def set_owner(self, owner: str, epoch: int) -> None:
        """Register an owner, or move it to another epoch."""
        self._change_owners(lambda owners: owners.update({owner: epoch}))

    def remove_owner(self, owner: str) -> None:
        """Forget an owner. An unknown owner is ignored."""
        self._change_owners(lambda owners: owners.pop(owner, None))

    def _change_owners(self, change: Callable[[dict[str, int]], object]) -> None:
        self.prepare()
        with self.lock("owners.lock"):
            owners = self.owners()
            change(owners)
            write_file(self.path / "owners.json", json.dumps(owners, indent=1, sort_keys=True))

    def server(self) -> dict[str, Any] | None:
        """Return the facts that the last server wrote about itself. It may have ended since."""
        try:
            facts = json.loads((self.path / "server.json").read_text())
        except (OSError, ValueError):
            return None
        return facts if isinstance(facts, dict) else None

    def write_server(self, facts: dict[str, Any] | None) -> None:
        """Record the running server. None removes the record."""
        file = self.path / "server.json"
        if facts is None:
            file.unlink(missing_ok=True)
        else:
            write_file(file, json.dumps(facts))

    @contextlib.contextmanager
    def lock(self, name: str, *, blocking: bool = True) -> Iterator[int]:
        """Hold an advisory lock on the file `name`. Raises BlockingIOError if it is held and not `blocking`.

        A child process that inherits the descriptor holds the lock too, also longer than this process lives.
        """
        descriptor = os.open(self.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if blocking else fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield descriptor
        finally:
            os.close(descriptor)


def make_folder(path: Path) -> Path:
    """Create a folder that only its owner may enter, and close an existing one."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_file(path: Path, content: str | bytes) -> None:
    """Write atomically (0600): a reader sees the old content or the new, also after a power cut."""
    data = content.encode() if isinstance(content, str) else content
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
