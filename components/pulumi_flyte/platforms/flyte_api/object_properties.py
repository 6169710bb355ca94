"""The properties of the resources of the Flyte API, for options of Pulumi that name arguments of a component."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_flyte.engine.object_options import ObjectProperties

_CONTAINER = {name: name for name in ("image", "command", "env", "secrets", "resources", "version", "name")}
_SAME = ("args", "port", "scaling", "health", "timeouts", "description", "active")

APP = ObjectProperties(
    names={
        **_CONTAINER,
        **{name: name for name in _SAME},
        "source": "bundle",
        "domain": "ingress",
        "console_links": "links",
        "requires_auth": "requiresAuth",
        "service_account": "serviceAccount",
    },
    ignorable=frozenset(
        {
            *("image", "env", "resources", "scaling", "health", "timeouts", "description", "active"),
            *("console_links", "service_account"),
        }
    ),
    entries=frozenset({"env"}),
)
TASK = ObjectProperties(names={**_CONTAINER, "source": "bundle"}, entries=frozenset({"env"}))
SECRET = ObjectProperties(names={"value": "value", "name": "name"}, ignorable=frozenset({"value"}))

OF_KIND: Mapping[str, ObjectProperties] = {"App": APP, "Task": TASK, "Secret": SECRET}
