"""The Flyte API's objects as Pulumi resources: one class each, with nothing wired or computed by the program.

The components (`pulumi_flyte.App` and the others) declare these; a program may also do so directly, for example after
`pulumi import flyte:api:App web shop/development/web`. Keywords are the schema's properties in snake_case; the keys
of nested objects are the schema's own (camelCase). Every class takes `adopt=True` to take over an object that exists
and is not managed by this resource, and `instance`, the local server's epoch, which only `local` needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from pulumi_flyte.engine.resource import Attribute, FlyteResource, existing, last_part, replaced_in_place

Values = pulumi.Input[Mapping[str, Any]]
Strings = pulumi.Input[Sequence[pulumi.Input[str]]]
Environment = pulumi.Input[Mapping[str, pulumi.Input[str]]]
Objects = pulumi.Input[Sequence[Values]]


class App(FlyteResource):
    """A Flyte app: a long-running service behind a URL. Its id is `project/domain/name`.

    `command`, `args` and `env` may hold `{{bundle}}` (the uploaded bundle's native URL) and `{{version}}`.
    The plugin computes `endpoint`, `public_endpoint` and `console_url`; what is passed for them counts only where no
    plugin runs, as in unit tests.
    """

    name = Attribute[str]("The app's Flyte name.")
    project = Attribute[str]("The Flyte project.")
    domain = Attribute[str]("The Flyte domain.")
    version = Attribute[str]("The version of what runs.")
    active = Attribute[bool]("Whether the app is started.")
    endpoint = Attribute[str]("The URL under which other workloads reach the app.")
    public_endpoint = Attribute[str]("The URL for people; unknown at preview where only the platform knows it.")
    console_url = Attribute[str]("The app's page in the console.")

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        image: pulumi.Input[str] | None = None,
        project: pulumi.Input[str] | None = None,
        domain: pulumi.Input[str] | None = None,
        org: pulumi.Input[str] | None = None,
        command: Strings | None = None,
        args: Strings | None = None,
        port: pulumi.Input[int] | None = None,
        env: Environment | None = None,
        secrets: Objects | None = None,
        secret_versions: Environment | None = None,
        resources: Values | None = None,
        scaling: Values | None = None,
        requires_auth: pulumi.Input[bool] | None = None,
        timeouts: Values | None = None,
        ingress: Values | None = None,
        links: Objects | None = None,
        service_account: pulumi.Input[str] | None = None,
        type: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        active: pulumi.Input[bool] | None = None,
        version: pulumi.Input[str] | None = None,
        bundle: pulumi.Input[str] | None = None,
        health: Values | None = None,
        pod: Values | None = None,
        inputs: Objects | None = None,
        extra: Values | None = None,
        endpoint: pulumi.Input[str] | None = None,
        public_endpoint: pulumi.Input[str] | None = None,
        console_url: pulumi.Input[str] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        super().__init__("flyte:api:App", resource_name, given, (), opts)

    @classmethod
    def get(cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> App:
        """The app `project/domain/name` as it is, managed elsewhere."""
        return cls(resource_name, name=last_part(id), opts=existing(id, opts))


class Task(FlyteResource):
    """A version of a Flyte task. Its id is `project/domain/name`; a new version is an update.

    `template` is the protobuf JSON of `flyteidl2.task.TaskSpec` for what has no property of its own: interface,
    metadata, config, custom, data config, documentation, default inputs. Flyte never deletes a task: destroying this
    resource forgets it. The plugin computes `console_url`; what is passed for it counts only where no plugin runs.
    """

    name = Attribute[str]("The task's Flyte name, for a Flyte task `environment.function`.")
    project = Attribute[str]("The Flyte project.")
    domain = Attribute[str]("The Flyte domain.")
    version = Attribute[str]("The deployed version.")
    console_url = Attribute[str]("The task's page in the console.")

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        version: pulumi.Input[str] | None = None,
        project: pulumi.Input[str] | None = None,
        domain: pulumi.Input[str] | None = None,
        org: pulumi.Input[str] | None = None,
        image: pulumi.Input[str] | None = None,
        command: Strings | None = None,
        args: Strings | None = None,
        env: Environment | None = None,
        secrets: Objects | None = None,
        resources: Values | None = None,
        template: Values | None = None,
        bundle: pulumi.Input[str] | None = None,
        console_url: pulumi.Input[str] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        super().__init__("flyte:api:Task", resource_name, given, (), opts)

    @classmethod
    def get(cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Task:
        """The task `project/domain/name` (its latest version) or `project/domain/name@version`."""
        return cls(resource_name, name=last_part(id), opts=existing(id, opts))


class Secret(FlyteResource):
    """A secret in Flyte's store: its value goes in and never comes back. Its id is `[[project/]domain/]name`.

    Either `value`, or `existing=True` for one that somebody else keeps. Without project and domain (both given as
    empty strings) the secret is global; with a domain only, it is the domain's.
    """

    name = Attribute[str]("The secret's key.")
    version = Attribute[str]("Changes exactly when the value does: an HMAC under a key kept in the state, encrypted.")

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        domain: pulumi.Input[str] | None = None,
        org: pulumi.Input[str] | None = None,
        value: pulumi.Input[str] | None = None,
        existing: pulumi.Input[bool] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        if value is not None:
            given["value"] = pulumi.Output.secret(value)
        super().__init__("flyte:api:Secret", resource_name, given, ("version", "versionKey"), opts)


class AuthKey(FlyteResource):
    """The key that credentials of an app's callers are signed with. It is in Pulumi's state only.

    Another `rotation` makes a new key; the former public key stays among `keys` until the next one.
    """

    audience = Attribute[str]("The app that credentials are for: `project/domain/name`.")
    private_key = Attribute[str]("What credentials are signed with, a secret.")
    keys = Attribute[list[dict[str, str]]]("The public keys that count, the newest first, as JWKs.")
    created_at = Attribute[int]("When the newest key was made, in unix seconds.", int)

    def __init__(
        self,
        resource_name: str,
        *,
        audience: pulumi.Input[str],
        rotation: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        super().__init__("flyte:api:AuthKey", resource_name, given, ("privateKey", "keys", "createdAt"), opts)


class EdgeCredential(FlyteResource):
    """What one caller shows to one app that requires credentials. Equal arguments give an equal credential.

    `caller` is `project/domain/app/name` or `project/domain/task/name`; times are unix seconds.
    """

    credential = Attribute[str]("The credential, a secret.")

    def __init__(
        self,
        resource_name: str,
        *,
        private_key: pulumi.Input[str],
        caller: pulumi.Input[str],
        audience: pulumi.Input[str],
        issued_at: pulumi.Input[int],
        expires_at: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        given["private_key"] = pulumi.Output.secret(private_key)
        super().__init__("flyte:api:EdgeCredential", resource_name, given, ("credential",), opts)


class Trigger(FlyteResource):
    """A trigger of a task: a cron expression, a fixed interval, or neither (on demand).

    Its id is `project/domain/task/trigger`.
    """

    name = Attribute[str]("The trigger's name.")
    task = Attribute[str]("The task's name.")
    active = Attribute[bool]("Whether it fires.")

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        task: pulumi.Input[str] | None = None,
        task_version: pulumi.Input[str] | None = None,
        project: pulumi.Input[str] | None = None,
        domain: pulumi.Input[str] | None = None,
        org: pulumi.Input[str] | None = None,
        cron: pulumi.Input[str] | None = None,
        timezone: pulumi.Input[str] | None = None,
        interval_minutes: pulumi.Input[int] | None = None,
        start_time: pulumi.Input[str] | None = None,
        active: pulumi.Input[bool] | None = None,
        description: pulumi.Input[str] | None = None,
        inputs: Objects | None = None,
        env: Environment | None = None,
        kickoff_time_input: pulumi.Input[str] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        super().__init__("flyte:api:Trigger", resource_name, given, (), opts)


class Project(FlyteResource):
    """A Flyte project. Its id is its name. Flyte cannot delete one: destroying this resource archives it."""

    name = Attribute[str]("The project's id.")

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        org: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        labels: Environment | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in _NOT_PROPERTIES}
        super().__init__("flyte:api:Project", resource_name, given, (), replaced_in_place(opts))


_NOT_PROPERTIES = frozenset({"self", "resource_name", "opts", "__class__"})
