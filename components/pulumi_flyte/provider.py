"""An explicit provider, for an `Environment` that differs from the stack's configuration."""

from __future__ import annotations

import json

import pulumi

from pulumi_flyte.arguments.call import CheckedCall
from pulumi_flyte.engine.resource import versioned
from pulumi_flyte.naming import names
from pulumi_flyte.naming.casing import camel


class Provider(CheckedCall, pulumi.ProviderResource):
    """Settings of the plugin `flyte` for the resources that use this provider; stack configuration is not read.

    `platform` is `local` (default), `flyte` or `kubernetes`; `endpoint` the URL of a Flyte API (on `local` computed
    from `local_port`). Another endpoint, platform or organisation replaces the provider, another `api_key` does not.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        platform: pulumi.Input[names.Platform] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        insecure: pulumi.Input[bool] | None = None,
        project: pulumi.Input[str] | None = None,
        domain: pulumi.Input[str] | None = None,
        org: pulumi.Input[str] | None = None,
        api_key: pulumi.Input[str] | None = None,
        base_domain: pulumi.Input[str] | None = None,
        console_url: pulumi.Input[str] | None = None,
        scheme: pulumi.Input[names.Scheme] | None = None,
        namespace: pulumi.Input[str] | None = None,
        local_port: pulumi.Input[int] | None = None,
        local_home: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments: dict[str, object] = {
            "platform": platform,
            "endpoint": endpoint,
            "insecure": insecure,
            "project": project,
            "domain": domain,
            "org": org,
            "api_key": None if api_key is None else pulumi.Output.secret(api_key),
            "base_domain": base_domain,
            "console_url": console_url,
            "scheme": scheme,
            "namespace": namespace,
            "local_port": local_port,
            "local_home": local_home,
        }
        props = {camel(key): _text(value) for key, value in arguments.items() if value is not None}
        super().__init__("flyte", resource_name, props, versioned(opts))


def _text(value: object) -> pulumi.Input[str]:
    """Provider properties travel as strings; those that are not strings as JSON (pulumi's own convention)."""
    if isinstance(value, pulumi.Output):
        text: pulumi.Output[str] = value.apply(_text)
        return text
    return value if isinstance(value, str) else json.dumps(value)
