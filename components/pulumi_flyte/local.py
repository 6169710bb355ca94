"""The embedded control plane as a resource: `pulumi_flyte.local.Server`."""

from __future__ import annotations

import pulumi

from pulumi_flyte.engine.resource import Attribute, FlyteResource, replaced_in_place


class Server(FlyteResource):
    """The embedded control plane on this machine: started by `up` when it does not run, never by a preview.

    Several stacks share one server; it stops when the last stack that declares it is destroyed.

    port: the loopback port, 8480 by default.
    home: the folder of its state, by default a per-user one.
    """

    port = Attribute[int]("The loopback port.", int)
    endpoint = Attribute[str]("The URL of its Flyte API, `http://127.0.0.1:{port}`.")
    epoch = Attribute[int]("Counts how often the server's state was lost; pass it on as `instance`.", int)

    def __init__(
        self,
        resource_name: str,
        *,
        port: pulumi.Input[int] | None = None,
        home: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments: dict[str, object] = {"port": port, "home": home}
        super().__init__("flyte:local:Server", resource_name, arguments, ("endpoint", "epoch"), replaced_in_place(opts))
