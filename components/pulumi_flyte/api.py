"""The Flyte API's objects as Pulumi resources: one class each, with nothing wired or computed by the program.

The components (`pulumi_flyte.App` and the others) declare these; a program may also do so directly, for example after
`pulumi import flyte:api:App web shop/development/web`. Keywords are the schema's properties in snake_case; the keys
of nested objects are the schema's own (camelCase). Every class takes `adopt=True` to take over an object that exists
and is not managed by this resource, and `instance`, the local server's epoch, which only `local` needs.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from pulumi_flyte.api_shapes import (
    Health,
    Ingress,
    JsonObject,
    JsonObjects,
    Link,
    Parameter,
    Resources,
    Scaling,
    SecretRequest,
    TextsInput,
    Timeouts,
    VariablesInput,
)
from pulumi_flyte.arguments.call import checked_call
from pulumi_flyte.engine.resource import Attribute, FlyteResource, existing, last_part, replaced_in_place


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
        command: TextsInput | None = None,
        args: TextsInput | None = None,
        port: pulumi.Input[int] | None = None,
        env: VariablesInput | None = None,
        secrets: pulumi.Input[Sequence[pulumi.Input[SecretRequest]]] | None = None,
        secret_versions: VariablesInput | None = None,
        resources: pulumi.Input[Resources] | None = None,
        scaling: pulumi.Input[Scaling] | None = None,
        requires_auth: pulumi.Input[bool] | None = None,
        timeouts: pulumi.Input[Timeouts] | None = None,
        ingress: pulumi.Input[Ingress] | None = None,
        links: pulumi.Input[Sequence[pulumi.Input[Link]]] | None = None,
        service_account: pulumi.Input[str] | None = None,
        type: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        active: pulumi.Input[bool] | None = None,
        version: pulumi.Input[str] | None = None,
        bundle: pulumi.Input[str] | None = None,
        health: pulumi.Input[Health] | None = None,
        pod: JsonObject | None = None,
        inputs: pulumi.Input[Sequence[pulumi.Input[Parameter]]] | None = None,
        extra: JsonObject | None = None,
        endpoint: pulumi.Input[str] | None = None,
        public_endpoint: pulumi.Input[str] | None = None,
        console_url: pulumi.Input[str] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments: dict[str, object] = {
            "name": name,
            "image": image,
            "project": project,
            "domain": domain,
            "org": org,
            "command": command,
            "args": args,
            "port": port,
            "env": env,
            "secrets": secrets,
            "secret_versions": secret_versions,
            "resources": resources,
            "scaling": scaling,
            "requires_auth": requires_auth,
            "timeouts": timeouts,
            "ingress": ingress,
            "links": links,
            "service_account": service_account,
            "type": type,
            "description": description,
            "active": active,
            "version": version,
            "bundle": bundle,
            "health": health,
            "pod": pod,
            "inputs": inputs,
            "extra": extra,
            "endpoint": endpoint,
            "public_endpoint": public_endpoint,
            "console_url": console_url,
            "instance": instance,
            "adopt": adopt,
        }
        super().__init__("flyte:api:App", resource_name, arguments, (), opts)

    @classmethod
    @checked_call
    def get(cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> App:
        """Return the app `project/domain/name` as it is, managed elsewhere."""
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
        command: TextsInput | None = None,
        args: TextsInput | None = None,
        env: VariablesInput | None = None,
        secrets: pulumi.Input[Sequence[pulumi.Input[SecretRequest]]] | None = None,
        resources: pulumi.Input[Resources] | None = None,
        template: JsonObject | None = None,
        bundle: pulumi.Input[str] | None = None,
        console_url: pulumi.Input[str] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments: dict[str, object] = {
            "name": name,
            "version": version,
            "project": project,
            "domain": domain,
            "org": org,
            "image": image,
            "command": command,
            "args": args,
            "env": env,
            "secrets": secrets,
            "resources": resources,
            "template": template,
            "bundle": bundle,
            "console_url": console_url,
            "instance": instance,
            "adopt": adopt,
        }
        super().__init__("flyte:api:Task", resource_name, arguments, (), opts)

    @classmethod
    @checked_call
    def get(cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> Task:
        """Return the task `project/domain/name` (its latest version) or `project/domain/name@version`."""
        return cls(resource_name, name=last_part(id), opts=existing(id, opts))


class Secret(FlyteResource):
    """A secret in Flyte's store: its value goes in and never comes back. Its id is `[[project/]domain/]name`.

    Either `value`, or `existing=True` for one that somebody else keeps. Without project and domain (both given as
    empty strings) the secret is global. With a domain only, it belongs to that domain.
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
        arguments: dict[str, object] = {
            "name": name,
            "project": project,
            "domain": domain,
            "org": org,
            "value": None if value is None else pulumi.Output.secret(value),
            "existing": existing,
            "instance": instance,
            "adopt": adopt,
        }
        super().__init__("flyte:api:Secret", resource_name, arguments, ("version", "versionKey"), opts)


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
        arguments: dict[str, object] = {
            "audience": audience,
            "rotation": rotation,
        }
        super().__init__("flyte:api:AuthKey", resource_name, arguments, ("privateKey", "keys", "createdAt"), opts)


class EdgeCredential(FlyteResource):
    """A credential that one caller shows to one app. Equal arguments give an equal credential.

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
        arguments: dict[str, object] = {
            "private_key": pulumi.Output.secret(private_key),
            "caller": caller,
            "audience": audience,
            "issued_at": issued_at,
            "expires_at": expires_at,
        }
        super().__init__("flyte:api:EdgeCredential", resource_name, arguments, ("credential",), opts)


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
        inputs: JsonObjects | None = None,
        env: VariablesInput | None = None,
        kickoff_time_input: pulumi.Input[str] | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments: dict[str, object] = {
            "name": name,
            "task": task,
            "task_version": task_version,
            "project": project,
            "domain": domain,
            "org": org,
            "cron": cron,
            "timezone": timezone,
            "interval_minutes": interval_minutes,
            "start_time": start_time,
            "active": active,
            "description": description,
            "inputs": inputs,
            "env": env,
            "kickoff_time_input": kickoff_time_input,
            "instance": instance,
            "adopt": adopt,
        }
        super().__init__("flyte:api:Trigger", resource_name, arguments, (), opts)


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
        labels: VariablesInput | None = None,
        instance: pulumi.Input[int] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments: dict[str, object] = {
            "name": name,
            "org": org,
            "display_name": display_name,
            "description": description,
            "labels": labels,
            "instance": instance,
            "adopt": adopt,
        }
        super().__init__("flyte:api:Project", resource_name, arguments, (), replaced_in_place(opts))
