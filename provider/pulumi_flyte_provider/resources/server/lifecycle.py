"""The engine's operations on the embedded control plane of this machine.

The epoch counts how often the server's state was lost (a deleted home, another machine). Resources that depend on the
server have the epoch as `instance`. So a preview shows that they will be deployed again after a loss.
"""

from __future__ import annotations

from flyte_local import daemon
from flyte_local.errors import LocalServerError
from flyte_local.home import Home
from flyte_local.version import VERSION
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import ProviderError
from pulumi_flyte_provider.flyte_api.config import loopback_url
from pulumi_flyte_provider.flyte_api.platforms.local import start_for_deletes
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.properties.difference import Change, Difference, compare
from pulumi_flyte_provider.properties.examination import examine
from pulumi_flyte_provider.properties.shape import parse
from pulumi_flyte_provider.properties.values import Properties, has_unknown, reveal, without_nones
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.resource import LooksOutside
from pulumi_flyte_provider.resources.server import admin
from pulumi_flyte_provider.resources.server.shape import ServerInputs
from pulumi_flyte_provider.resources.server.sighting import Owners, Place, Sighting
from pulumi_flyte_provider.resources.state import State


class ServerResource(LooksOutside):
    """The resource `flyte:local:Server`."""

    def check(self, operation: Operation, inputs: Properties, problems: Problems) -> Properties:
        """Check the rules. The defaults for port and home are the provider's settings."""
        examine(ServerInputs, inputs, problems, secrets=True)
        config = operation.connection.config
        filled = {**inputs, "port": inputs.get("port") if inputs.get("port") is not None else config.local_port}
        if inputs.get("home") is None and config.local_home is not None:
            filled["home"] = config.local_home
        return filled

    def diff(self, operation: Operation, old: State, inputs: Properties) -> Difference:
        """Compare state with the machine. `up` starts a server that is down, has another version or lost its state."""
        changes = compare(without_nones(reveal(old.inputs)), without_nones(reveal(inputs)))
        if has_unknown(inputs):
            return Difference(changes)
        place = _place(operation, inputs)
        sighting = Sighting.of(place)
        return Difference(changes or _changes_outside(operation, old, place, sighting))

    def preview(self, operation: Operation, inputs: Properties, old: State | None) -> Properties:
        """Compute endpoint and epoch, which are both known beforehand."""
        if has_unknown(inputs):
            return {**inputs}
        place = _place(operation, inputs)
        sighting = Sighting.of(place)
        _require_port(operation, sighting, place, old)
        return _outputs(inputs, _next_epoch(sighting, operation, old), operation.owner)

    def create(self, operation: Operation, inputs: Properties) -> State:
        """Start the server if it does not run, and register this stack."""
        return _start(operation, inputs, None)

    def read(self, operation: Operation, old: State) -> State | None:
        """Return the resource in state. Only Diff looks at the machine, because a refresh must not lose the epoch."""
        if old.outputs:
            return old
        port = old.id.rpartition(":")[2]
        if not port.isdigit():
            raise ProviderError(f"{old.id!r} is not the id of a flyte:local:Server: expected 127.0.0.1:PORT")
        inputs: Properties = {"port": int(port)}
        sighting = Sighting.of(_place(operation, inputs))
        outputs = _outputs(inputs, sighting.epoch((operation.owner,)) or 1, operation.owner)
        return State(old.id, inputs, outputs) if sighting.port == int(port) else None

    def update(self, operation: Operation, old: State, inputs: Properties) -> State:
        """Start the server again, on another port if the port has changed. For another home, move the registration."""
        before, after = _place(operation, old.inputs), _place(operation, inputs)
        state = _start(operation, inputs, old)
        if old.inputs and before.home.path != after.home.path:
            _unregister(before, _recorded_owner(operation, old))
        elif _recorded_owner(operation, old) != operation.owner:
            _unregister(after, _recorded_owner(operation, old))
        return state

    def delete(self, operation: Operation, old: State) -> None:
        """Unregister this stack. The server stops when no stack is registered any more."""
        _unregister(_place(operation, old.outputs), _recorded_owner(operation, old))


def _place(operation: Operation, properties: Properties) -> Place:
    inputs = {key: value for key, value in reveal(properties).items() if key in ("port", "home")}
    server, config = parse(ServerInputs, inputs), operation.connection.config
    return Place(Home(server.home or config.local_home), server.port or config.local_port)


def _changes_outside(operation: Operation, old: State, place: Place, sighting: Sighting) -> tuple[Change, ...]:
    """Return the changes of `up` for unchanged inputs, and tell the user the reason."""
    if sighting.epoch(_owners(operation, old)) != reveal(old.outputs).get("epoch"):
        operation.say(
            "the local control plane was reset (a wiped home, or another machine): what it knew is lost, so"
            " everything that depends on it is deployed again"
        )
        return (Change("epoch", "update"),)
    if sighting.port is None:
        operation.say("the local control plane does not run: it will be started, with what it knew")
        return (Change("running", "update"),)
    if sighting.port != place.port:
        # The preview of the update checks whether the server may be moved. A refresh also diffs, and must not fail.
        operation.say(f"the local control plane runs on port {sighting.port}, not on port {place.port}")
        return (Change("running", "update"),)
    if sighting.version != VERSION:
        operation.say(
            f"the local control plane is of version {sighting.version}, and {VERSION} is installed: it will be"
            " restarted, and its apps and tasks go on meanwhile"
        )
        return (Change("version", "update"),)
    return ()


def _start(operation: Operation, inputs: Properties, old: State | None) -> State:
    place = _place(operation, inputs)
    sighting = Sighting.of(place)
    _require_port(operation, sighting, place, old)
    epoch = _next_epoch(sighting, operation, old)
    try:
        if sighting.port not in (None, place.port):
            daemon.stop(place.home, place.port)
        daemon.start(place.home, place.port)
    except LocalServerError as error:
        raise ProviderError(str(error)) from None
    admin.register(place.port, operation.owner, epoch)
    outputs = _outputs({**inputs, "port": place.port}, epoch, operation.owner)
    return State(f"127.0.0.1:{place.port}", inputs, outputs)


def _require_port(operation: Operation, sighting: Sighting, place: Place, old: State | None) -> None:
    """Refuse to move a server that other stacks use, or to use a port that another program has.

    A stack may move its own server. It is its own if the recorded port is the one on which the server runs now.
    """
    if sighting.port == place.port:
        return
    try:
        daemon.require_free_port(place.home, place.port)
    except LocalServerError as error:
        raise ProviderError(str(error)) from None
    others = sighting.others(_owners(operation, old))
    if sighting.port is None or not others:
        return
    recorded_port = reveal(old.outputs).get("port") if old is not None else None
    if sighting.port == recorded_port and all(takeover.same_stack(other, operation.owner) for other in others):
        return
    stacks = ", ".join(sorted({"/".join(other.split("/")[:2]) for other in others}))
    raise ProviderError(
        f"port: the server of {place.home.path} runs on port {sighting.port}, which {stacks} relies on (got"
        f" {place.port}):\n"
        f"- use that port: `pulumi config set flyte:localPort {sighting.port}`\n"
        "- or give this stack a home of its own: `pulumi config set flyte:localHome FOLDER`"
    )


def _outputs(inputs: Properties, epoch: int, owner: str) -> Properties:
    return {**inputs, "endpoint": loopback_url(reveal(inputs)["port"]), "epoch": epoch, "owner": owner}


def _unregister(place: Place, owner: str) -> None:
    """Unregister an owner. Start the server if it is down, since only a running server deletes the owner's objects."""
    try:
        if daemon.find(place.home, place.port) is None and owner not in place.home.owners():
            return
        server = start_for_deletes(place.home, place.port)
        admin.unregister(server.port, owner)
        if not admin.epochs(server.port):
            daemon.stop(place.home, server.port)
    except LocalServerError as error:
        raise ProviderError(str(error)) from None


def _next_epoch(sighting: Sighting, operation: Operation, old: State | None) -> int:
    """Return the recorded epoch if the server has the same one, otherwise the next epoch."""
    epoch = sighting.epoch(_owners(operation, old))
    recorded = reveal(old.outputs).get("epoch") if old is not None else None
    if recorded is None:
        return epoch if epoch is not None else 1
    return int(recorded) if epoch == recorded else int(recorded) + 1


def _recorded_owner(operation: Operation, old: State | None) -> str:
    """Return the owner that registered this resource. After a rename it differs from the current owner."""
    return (old.owner if old is not None else None) or operation.owner


def _owners(operation: Operation, old: State | None) -> Owners:
    """Return the owners under which this resource may be registered. An update moves the registration."""
    return (_recorded_owner(operation, old), operation.owner)
