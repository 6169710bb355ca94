"""The inputs of `flyte:api:App` and the rules that span several of them. Pure.

The limits are those of flyteidl2 `app/app_definition.proto` (buf.validate) and flyteorg/flyte `app/`. Union enforces
all of them and Flyte OSS only some, but a stack should have the same meaning on both.
"""

from __future__ import annotations

from typing import Annotated, Any

from pulumi_flyte.arguments.health import path_problem
from pulumi_flyte.arguments.scaling import metric_problem
from pulumi_flyte.notation.quantities import MAX_REQUEST_TIMEOUT
from pulumi_flyte.problems import Problems
from pydantic import Strict

from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.field_types import (
    AppName,
    Bool,
    BundleDigest,
    Environment,
    Json,
    NonEmpty,
    Port,
    Scope,
    Text,
    Version,
    Whole,
    at_most,
    between,
    rule,
)
from pulumi_flyte_provider.properties.shape import Shape, optional_field, required_field
from pulumi_flyte_provider.properties.values import Properties
from pulumi_flyte_provider.resources.container.compute_resources import Resources, check_limits
from pulumi_flyte_provider.resources.container.secret_requests import SecretRequest, check_variables


class Scaling(Shape):
    """The limits and targets for the number of replicas."""

    min_replicas: Annotated[int, Strict(), between(0, None, "the least number of replicas")] | None = optional_field(
        "The least number of replicas; 0 lets the app sleep."
    )
    max_replicas: Annotated[int, Strict(), between(1, None, "the greatest number of replicas")] | None = optional_field(
        "The greatest number of replicas."
    )
    concurrency: Annotated[int, Strict(), between(1, None, "a target")] | None = optional_field(
        "Scale on requests at a time for each replica."
    )
    request_rate: Annotated[int, Strict(), between(1, None, "a target")] | None = optional_field(
        "Scale on requests a second for each replica."
    )
    scaledown_after: Annotated[float, between(0, None, "a duration in seconds")] | None = optional_field(
        "Seconds without load after which a replica is removed."
    )


class Timeouts(Shape):
    """Time limits in seconds."""

    request: Annotated[float, between(0, MAX_REQUEST_TIMEOUT, "a request's time limit in seconds")] | None = (
        optional_field("The longest request, at most 3600 seconds; WebSockets count as one request.")
    )


class Ingress(Shape):
    """The public host names of the app. Flyte OSS ignores them."""

    subdomain: NonEmpty | None = optional_field("The subdomain of the platform's base domain.")
    custom_domain: NonEmpty | None = optional_field("A host name of your own.")


class Link(Shape):
    """A link on the app's console page."""

    path: NonEmpty = required_field("A URL, or a path below the app.")
    title: Text | None = optional_field("The text of the link.")
    is_relative: Bool | None = optional_field("True if the path is below the app's URL.")


class Health(Shape):
    """The health check of the app."""

    path: Annotated[str, Strict(), rule(path_problem)] | None = optional_field(
        "Answers 2xx or 3xx when the app is ready; without one, a port that accepts connections counts."
    )
    timeout: Annotated[float, between(0, MAX_REQUEST_TIMEOUT, "a start's time limit in seconds")] | None = (
        optional_field("Seconds that the app may take to become ready; 60 on `local` by default.")
    )


class Parameter(Shape):
    """A parameter of the app, as Flyte's own SDK records it."""

    name: NonEmpty = required_field("The parameter's name.")
    value: NonEmpty = required_field("Its value.")


class AppInputs(Shape):
    """A Flyte app: a long-running service behind a URL."""

    name: AppName = required_field("The app's Flyte name: lower-case letters, digits and dashes, at most 30.")
    project: Scope | None = optional_field("The Flyte project; by default the provider's, or the stack's.")
    domain: Scope | None = optional_field("The Flyte domain; by default the provider's, or the stack's.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    image: NonEmpty | None = optional_field("The container image; on `local` the interpreter staged for the app runs.")
    command: list[Text] | None = optional_field("The command; `{{bundle}}` and `{{version}}` are filled in.")
    args: list[Text] | None = optional_field("The arguments; `{{bundle}}` and `{{version}}` are filled in.")
    port: Port | None = optional_field("The port that the app listens on, 8080 by default.")
    env: Environment | None = optional_field("Variables; `{{bundle}}` and `{{version}}` are filled in.")
    secrets: list[SecretRequest] | None = optional_field("The secrets that the container gets.")
    secret_versions: dict[str, Text] | None = optional_field("Versions of the secrets: a new one rolls the app.")
    resources: Resources | None = optional_field("The compute resources of the container: requests and limits.")
    scaling: Scaling | None = optional_field("The limits and targets for the number of replicas.")
    requires_auth: Bool | None = optional_field("True if callers need a credential. Default: the platform's.")
    timeouts: Timeouts | None = optional_field("Time limits.")
    ingress: Ingress | None = optional_field("Public names.")
    links: list[Link] | None = optional_field("Links on the app's console page.")
    service_account: NonEmpty | None = optional_field("The Kubernetes service account.")
    type: Text | None = optional_field("The kind of the app in the console, such as `FastAPI`.")
    description: Annotated[str, Strict(), at_most(100, "a description")] | None = optional_field("A short text.")
    active: Bool | None = optional_field("False stops the app and keeps it deployed.")
    version: Version | None = optional_field("The version of the code and its settings.")
    bundle: BundleDigest | None = optional_field("The sha256 of a staged code bundle.")
    health: Health | None = optional_field("The health check of the app.")
    pod: Json | None = optional_field("A pod template: protobuf JSON of `flyteidl2.core.K8sPod`.")
    inputs: list[Parameter] | None = optional_field("Flyte's own app parameters, for display.")
    extra: Json | None = optional_field("Protobuf JSON of `flyteidl2.app.Spec` for fields without a property.")
    endpoint: Text | None = optional_field("Computed: the URL under which other workloads reach the app.")
    public_endpoint: Text | None = optional_field("Computed: the URL for people, if it is known beforehand.")
    console_url: Text | None = optional_field("Computed: its page in the console.")
    instance: Whole | None = optional_field("The local server's epoch: another one deploys the app again.")
    adopt: Bool | None = optional_field("Take over an existing app that does not belong to this resource.")


def check_together(revealed: Properties, problems: Problems) -> None:
    """Check the rules that span several properties of revealed inputs. Some values may be unknown."""
    _check_scaling(revealed.get("scaling"), problems)
    check_limits(revealed.get("resources"), problems)
    if revealed.get("image") is None and revealed.get("pod") is None:
        problems.add("image", "an app needs an image (on platform local 'local/python' stands for the interpreter)")
    for placeholder, key in ((placeholders.BUNDLE, "bundle"), (placeholders.VERSION, "version")):
        for path in ("command", "args", "env"):
            if revealed.get(key) is None and placeholders.used(revealed.get(path), placeholder):
                problems.add(path, f"{placeholder} needs the property {key}")
    check_variables(revealed, problems)


def _check_scaling(scaling: Any, problems: Problems) -> None:
    if not isinstance(scaling, dict):
        return
    least, most = scaling.get("minReplicas"), scaling.get("maxReplicas")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        problems.add("scaling", f"minReplicas ({least}) is greater than maxReplicas ({most})")
    problems.add("scaling", metric_problem(scaling.get("concurrency"), scaling.get("requestRate"), "requestRate"))
