"""`flyte:local:Server`: the embedded control plane of this machine.

Its epoch counts how often the server's state was lost (a wiped home, another machine). What depends on the server takes
the epoch as `instance`, so a preview shows that it will be deployed again, instead of claiming that nothing changed.
Looking is free of side effects: the running server is asked, otherwise the home's own record is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import quote

from flyte_local import daemon
from flyte_local.errors import LocalServerError
from flyte_local.home import Home
from flyte_local.version import VERSION
from pulumi_flyte.errors import reason_of
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.codec import Tree, has_unknown, reveal
from pulumi_flyte_provider.differ import Change, Difference, compare
from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.resources.resource import Call, LooksOutside, Stored, given
from pulumi_flyte_provider.shape import NonEmpty, Port, Shape, examine, optional_field, parse

ADMIN_TIMEOUT = 10.0


class ServerInputs(Shape):
    """The embedded control plane of this machine."""

    port: Port | None = optional_field("The loopback port; by default flyte:localPort, 8480.")
    home: NonEmpty | None = optional_field("The folder of its state; by default flyte:localHome, or a per-user one.")


@dataclass(frozen=True)
class Sighting:
    """What looking at a server shows."""

    running: bool
    epoch: int | None
    version: str = ""

    @classmethod
    def of(cls, home: Home, port: int, owner: str) -> Sighting:
        """Asks the running server; reads the home's record where it is down."""
        info = daemon.probe(port)
        if info is not None and info.home == str(home.path):
            return cls(True, _admin(port, "GET", "/local/v1/owners").get(owner), info.version)
        return cls(False, home.owners().get(owner))


class ServerResource(LooksOutside):
    """`flyte:local:Server`."""

    token = "flyte:local:Server"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Port and home default to the provider's."""
        examine(ServerInputs, news, problems, secrets=True)
        config = call.connection.config
        filled = {**news, "port": news.get("port") if news.get("port") is not None else config.local_port}
        if news.get("home") is None and config.local_home is not None:
            filled["home"] = config.local_home
        return filled

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Looks at the machine: a server that is down or of another version will be started, one that lost its state
        gets a new epoch."""
        changes = list(compare(given(reveal(inputs)), given(reveal(news))))
        if not changes and not has_unknown(news):
            found = self._look(call, news, outputs)
            recorded = reveal(outputs).get("epoch")
            if found.epoch != recorded:
                call.say(
                    "the local control plane was reset (a wiped home, or another machine): what it knew is lost, so"
                    " everything that depends on it is deployed again"
                )
                changes.append(Change("epoch", "update"))
            elif not found.running:
                call.say("the local control plane does not run: it will be started, with what it knew")
                changes.append(Change("running", "update"))
            elif found.version != VERSION:
                call.say(
                    f"the local control plane is of version {found.version}, and {VERSION} is installed: it will be"
                    " restarted, and its apps and tasks go on meanwhile"
                )
                changes.append(Change("version", "update"))
        return Difference(tuple(changes))

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """Endpoint and epoch are known beforehand."""
        if has_unknown(news):
            return {**news}
        return self._outputs(news, self._next_epoch(call, news, outputs), _owner(call, outputs))

    def create(self, call: Call, news: Tree) -> Stored:
        """Starts the server where it does not run, and registers this stack."""
        return self._start(call, news, None)

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """Diff does the looking: what refresh could say (gone) would lose the epoch."""
        if outputs:
            return Stored(id, outputs, inputs)
        port = id.rpartition(":")[2]
        if not port.isdigit():
            raise ProviderError(f"{id!r} is not the id of a flyte:local:Server: expected 127.0.0.1:PORT")
        found: Tree = {"port": int(port)}
        sighting = self._look(call, found, None)
        known = self._outputs(found, sighting.epoch or 1, call.owner)
        return Stored(id, known, found) if sighting.running else None

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """Starts it again; another port or home moves this stack's registration."""
        before, after = _place(call, inputs), _place(call, news)
        if inputs and (before[0].path, before[1]) != (after[0].path, after[1]):
            self._unregister(*before, _owner(call, outputs))
        return self._start(call, news, outputs)

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """The server stops when the last stack that declares it is gone."""
        self._unregister(*_place(call, outputs), _owner(call, outputs))

    def _start(self, call: Call, news: Tree, outputs: Tree | None) -> Stored:
        home, port = _place(call, news)
        owner = _owner(call, outputs)
        epoch = self._next_epoch(call, news, outputs)
        try:
            daemon.start(home, port)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None
        _admin(port, "PUT", _owner_path(owner), {"epoch": epoch})
        return Stored(f"127.0.0.1:{port}", self._outputs({**news, "port": port}, epoch, owner))

    def _next_epoch(self, call: Call, news: Tree, outputs: Tree | None) -> int:
        """The epoch that the server knows, where it is ours; otherwise the next one after state's."""
        found = self._look(call, news, outputs)
        recorded = reveal(outputs or {}).get("epoch")
        if recorded is None:
            return found.epoch if found.epoch is not None else 1
        return int(recorded) if found.epoch == recorded else int(recorded) + 1

    def _look(self, call: Call, tree: Tree, outputs: Tree | None) -> Sighting:
        home, port = _place(call, tree)
        try:
            return Sighting.of(home, port, _owner(call, outputs))
        except LocalServerError as error:
            raise ProviderError(str(error)) from None

    def _outputs(self, inputs: Tree, epoch: int, owner: str) -> Tree:
        return {**inputs, "endpoint": f"http://127.0.0.1:{reveal(inputs)['port']}", "epoch": epoch, "owner": owner}

    def _unregister(self, home: Home, port: int, owner: str) -> None:
        info = daemon.probe(port)
        try:
            if info is None or info.home != str(home.path):
                if owner not in home.owners():
                    return
                daemon.start(home, port)  # Only a running server can forget an owner and clean up after it.
            _admin(port, "DELETE", _owner_path(owner))
            if not _admin(port, "GET", "/local/v1/owners"):
                daemon.stop(home, port)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None


def _place(call: Call, tree: Tree) -> tuple[Home, int]:
    server = parse(ServerInputs, {key: value for key, value in reveal(tree).items() if key in ("port", "home")})
    config = call.connection.config
    return Home(server.home or config.local_home), server.port or config.local_port


def _owner(call: Call, outputs: Tree | None) -> str:
    """Under whom the server knows this stack: who registered it, also after a rename with `aliases`."""
    return str(reveal(outputs or {}).get("owner") or call.owner)


def _owner_path(owner: str) -> str:
    return f"/local/v1/owners?owner={quote(owner, safe='')}"


def _admin(port: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """The server's own small API. Raises ProviderError where it answers with an error."""
    try:
        found = daemon.request(port, method, path, body, timeout=ADMIN_TIMEOUT)
    except (OSError, HTTPException, ValueError, LocalServerError) as error:
        raise ProviderError(
            f"the local control plane at http://127.0.0.1:{port} did not answer {path.split('?')[0]}"
            f" ({reason_of(error)}): see `flyte-local status`"
        ) from None
    return found if isinstance(found, dict) else {}
