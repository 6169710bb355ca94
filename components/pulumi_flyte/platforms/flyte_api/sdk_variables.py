"""The variables that Flyte's SDK reads in a container."""

from __future__ import annotations

from pulumi_flyte.naming import names
from pulumi_flyte.settings import Settings


def sdk_variables(settings: Settings) -> dict[str, str]:
    """Return what `flyte.init_in_cluster()` and Flyte's own `env.endpoint` read. An install's defaults are not relied
    upon."""
    endpoint, insecure = settings.container_endpoint
    variables = {
        "FLYTE_INTERNAL_EXECUTION_PROJECT": settings.project,
        "FLYTE_INTERNAL_EXECUTION_DOMAIN": settings.domain,
        "INTERNAL_APP_ENDPOINT_PATTERN": names.app_endpoint_pattern(settings.target),
        "_U_ORG_NAME": settings.org or "local",
    }
    if endpoint:
        variables["_U_EP_OVERRIDE"] = endpoint.removeprefix("dns:///")
        variables["_U_INSECURE"] = "true" if insecure else "false"
    return variables
