"""`flyte:local:Server`: the embedded control plane of this machine.

Its epoch counts how often the server's state was lost (a wiped home, another machine). What depends on the server takes
the epoch as `instance`, so a preview shows that it will be deployed again, instead of claiming that nothing changed.
Looking is free of side effects: the running server is asked, otherwise the home's own record is read.
"""

from __future__ import annotations

from collections.abc import Mapping
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

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.flyte_api.platforms.local import start_for_deletes
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.properties.codec import Tree, has_unknown, reveal
from pulumi_flyte_provider.properties.difference import Change, Difference, compare
from pulumi_flyte_provider.properties.shape import NonEmpty, Port, Shape, examine, optional_field, parse
from pulumi_flyte_provider.resources.resource import Call, LooksOutside, Stored, given

ADMIN_TIMEOUT = 10.0
Owners = tuple[str, ...]


class ServerInputs(Shape):
    """The embedded control plane of this machine."""

    port: Port | None = optional_field("The loopback port; by default flyte:localPort, 8480.")
    home: NonEmpty | None = optional_field("The folder of its state; by default flyte:localHome, or a per-user one.")


@dataclass(frozen=True)
class Sighting:
    """What looking at a home shows.

    port: where its server runs; None where it is down.
    epochs: the stacks' Server resources that are registered there, by owner.
    version: of the running server.
    """

    port: int | None
    epochs: Mapping[str, int]
    version: str = ""

    @classmethod
    def of(cls, home: Home, port: int) -> Sighting:
        """Asks the running server; reads the home's record where it is down."""
        info = daemon.find(home, port)
        if info is None:
            return cls(None, home.owners())
        return cls(info.port, _admin(info.port, "GET", "/local/v1/owners"), info.version)

    def epoch(self, owners: Owners) -> int | None:
        """Return the epoch of a registration; None where there is none."""
        return next((self.epochs[owner] for owner in owners if owner in self.epochs), None)

    def others(self, owners: Owners) -> list[str]:
        """Return the registrations of everybody else."""
        return sorted(set(self.epochs) - set(owners))


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
        if has_unknown(news):
            return Difference(tuple(changes))
        sighting = self._look(call, news)
        _, port = _place(call, news)
        if changes:
            return Difference(tuple(changes))
        if sighting.epoch(_owners(call, outputs)) != reveal(outputs).get("epoch"):
            call.say(
                "the local control plane was reset (a wiped home, or another machine): what it knew is lost, so"
                " everything that depends on it is deployed again"
            )
            changes.append(Change("epoch", "update"))
        elif sighting.port is None:
            call.say("the local control plane does not run: it will be started, with what it knew")
            changes.append(Change("running", "update"))
        elif sighting.port != port:
            # Whether it may be moved is for the preview of the update: a refresh diffs, too, and must not fail.
            call.say(f"the local control plane runs on port {sighting.port}, not on port {port}")
            changes.append(Change("running", "update"))
        elif sighting.version != VERSION:
            call.say(
                f"the local control plane is of version {sighting.version}, and {VERSION} is installed: it will be"
                " restarted, and its apps and tasks go on meanwhile"
            )
            changes.append(Change("version", "update"))
        return Difference(tuple(changes))

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """Endpoint and epoch are known beforehand."""
        if has_unknown(news):
            return {**news}
        home, port = _place(call, news)
        sighting = self._look(call, news)
        self._require_port(call, sighting, home, port, outputs, outputs)
        return self._outputs(news, _next_epoch(sighting, call, outputs), call.owner)

    def create(self, call: Call, news: Tree) -> Stored:
        """Starts the server where it does not run, and registers this stack."""
        return self._start(call, news, None, None)

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """Diff does the looking: what refresh could say (gone) would lose the epoch."""
        if outputs:
            return Stored(id, outputs, inputs)
        port = id.rpartition(":")[2]
        if not port.isdigit():
            raise ProviderError(f"{id!r} is not the id of a flyte:local:Server: expected 127.0.0.1:PORT")
        found: Tree = {"port": int(port)}
        sighting = self._look(call, found)
        known = self._outputs(found, sighting.epoch((call.owner,)) or 1, call.owner)
        return Stored(id, known, found) if sighting.port == int(port) else None

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """Starts it again, on another port where that was asked for; another home moves this stack's registration."""
        before, after = _place(call, inputs), _place(call, news)
        stored = self._start(call, news, inputs, outputs)
        if inputs and before[0].path != after[0].path:
            self._unregister(*before, _recorded_owner(call, outputs))
        elif _recorded_owner(call, outputs) != call.owner:
            self._unregister(*after, _recorded_owner(call, outputs))
        return stored

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """The server stops when the last stack that declares it is gone."""
        self._unregister(*_place(call, outputs), _recorded_owner(call, outputs))

    def _start(self, call: Call, news: Tree, inputs: Tree | None, outputs: Tree | None) -> Stored:
        home, port = _place(call, news)
        sighting = self._look(call, news)
        self._require_port(call, sighting, home, port, inputs, outputs)
        epoch = _next_epoch(sighting, call, outputs)
        try:
            if sighting.port not in (None, port):
                daemon.stop(home, port)
            daemon.start(home, port)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None
        _admin(port, "PUT", _owner_path(call.owner), {"epoch": epoch})
        return Stored(f"127.0.0.1:{port}", self._outputs({**news, "port": port}, epoch, call.owner))

    def _look(self, call: Call, tree: Tree) -> Sighting:
        try:
            return Sighting.of(*_place(call, tree))
        except LocalServerError as error:
            raise ProviderError(str(error)) from None

    def _require_port(
        self, call: Call, sighting: Sighting, home: Home, port: int, inputs: Tree | None, outputs: Tree | None
    ) -> None:
        """Refuse to move a server that other stacks use, and a port that somebody else has.

        A server moves with its stack: the resource that moves it first had it where it ran until now.
        """
        if sighting.port == port:
            return
        try:
            daemon.require_free_port(home, port)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None
        others = sighting.others(_owners(call, outputs))
        if sighting.port is None or not others:
            return
        own_port = reveal(inputs or {}).get("port")
        if sighting.port == own_port and all(takeover.same_stack(other, call.owner) for other in others):
            return
        names = ", ".join(sorted({"/".join(other.split("/")[:2]) for other in others}))
        raise ProviderError(
            f"port: the server of {home.path} runs on port {sighting.port}, which {names} relies on (got {port}):\n"
            f"- use that port: `pulumi config set flyte:localPort {sighting.port}`\n"
            "- or give this stack a home of its own: `pulumi config set flyte:localHome FOLDER`"
        )

    def _outputs(self, inputs: Tree, epoch: int, owner: str) -> Tree:
        return {**inputs, "endpoint": f"http://127.0.0.1:{reveal(inputs)['port']}", "epoch": epoch, "owner": owner}

    def _unregister(self, home: Home, port: int, owner: str) -> None:
        """Only a running server can forget an owner and clean up after it, so it is started where it is down."""
        try:
            if daemon.find(home, port) is None and owner not in home.owners():
                return
            server = start_for_deletes(home, port)
            _admin(server.port, "DELETE", _owner_path(owner))
            if not _admin(server.port, "GET", "/local/v1/owners"):
                daemon.stop(home, server.port)
        except LocalServerError as error:
            raise ProviderError(str(error)) from None


def _place(call: Call, tree: Tree) -> tuple[Home, int]:
    server = parse(ServerInputs, {key: value for key, value in reveal(tree).items() if key in ("port", "home")})
    config = call.connection.config
    return Home(server.home or config.local_home), server.port or config.local_port


def _next_epoch(sighting: Sighting, call: Call, outputs: Tree | None) -> int:
    """Return the epoch that the server knows, where it is ours; otherwise the next one after state's."""
    epoch = sighting.epoch(_owners(call, outputs))
    recorded = reveal(outputs or {}).get("epoch")
    if recorded is None:
        return epoch if epoch is not None else 1
    return int(recorded) if epoch == recorded else int(recorded) + 1


def _recorded_owner(call: Call, outputs: Tree | None) -> str:
    """Return the owner that registered this resource: another one than its own after a rename."""
    return str(reveal(outputs or {}).get("owner") or call.owner)


def _owners(call: Call, outputs: Tree | None) -> Owners:
    """Return the owners under whom the server may know this resource; an update moves the registration."""
    return (_recorded_owner(call, outputs), call.owner)


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
