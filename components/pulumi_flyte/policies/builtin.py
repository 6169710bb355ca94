"""The rules that come with this package. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pulumi_flyte.naming.control_planes import is_loopback, url
from pulumi_flyte.notation.engine_marks import SECRET, UNKNOWN
from pulumi_flyte.platforms.local_image import is_local_python
from pulumi_flyte.policies.resource import Container, Resource
from pulumi_flyte.policies.rule import Finding, Rule, rule

_APP, _TASK, _SECRET = "flyte:index:App", "flyte:index:Task", "flyte:index:Secret"
_ENVIRONMENT = "flyte:index:Environment"
_MOST_RETRIES = 10
_MOST_REPLICAS = 20
# A variable of such a name holds a secret.
_SECRET_NAME = re.compile(r"PASSW|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY", re.IGNORECASE)
# The tag of an image that pulumi-flyte builds is a digest of what it is made of.
_CONTENT_TAG = re.compile(r"[0-9a-f]{12,64}")


@rule(
    "public-app-needs-auth",
    "An app with a public address requires credentials.",
    remedy="give it requires_auth=True, or take away public=True, domain= or flyte:baseDomain",
)
def public_app_needs_auth(resource: Resource) -> Iterator[Finding]:
    if resource.type != _APP or resource["requiresAuth"] is True:
        return
    for path in ("public", "domain", "environment.baseDomain"):
        if resource[path]:
            yield Finding(path, "gives the app a public address, and anybody may call it")
            return


@rule(
    "secret-from-configuration",
    "A secret's value comes from the stack's encrypted configuration, or from another resource.",
    remedy='`pulumi config set --secret KEY`, and value=config.require_secret("KEY")',
    reads_outputs=True,
)
def secret_from_configuration(resource: Resource) -> Iterator[Finding]:
    manifest = resource.outputs.get("manifest")
    if resource.type == _SECRET and isinstance(manifest, Mapping) and manifest.get("value") == "text":
        yield Finding("value", "is a plain text in the program")


@rule(
    "no-secret-in-env",
    "A plain environment variable holds no secret.",
    remedy="declare a Secret, and give it in secrets= instead of env=",
)
def no_secret_in_env(resource: Resource) -> Iterator[Finding]:
    variables = resource["env"] if resource.type in (_APP, _TASK, _ENVIRONMENT) else None
    # The engine hides all variables if one is a secret.
    if variables == SECRET or (isinstance(variables, Mapping) and SECRET in variables.values()):
        yield Finding("env", "has a secret value, and everybody who sees the container sees its variables")
    elif isinstance(variables, Mapping):
        for name in filter(_SECRET_NAME.search, variables):
            yield Finding(f"env.{name}", "is called as a secret, and is a plain variable")


@rule(
    "no-latest-tag",
    "An image has a tag that means one image.",
    remedy="name a version, or better a digest",
)
def no_latest_tag(resource: Resource) -> Iterator[Finding]:
    for container, image in _images(resource):
        digest, tag = _digest_and_tag(image)
        if not digest and tag in ("", "latest"):
            yield Finding(_image_path(container), f"{image!r} is another image after each push")


@rule(
    "encrypted-endpoint",
    "The control plane is called over TLS.",
    remedy="give an https:// endpoint without insecure=True",
)
def encrypted_endpoint(resource: Resource) -> Iterator[Finding]:
    endpoint, insecure = resource["environment.endpoint"], resource["environment.insecure"]
    if resource.type not in (_APP, _TASK) or not isinstance(endpoint, str) or is_loopback(endpoint):
        return
    if url(endpoint, insecure=insecure is True).startswith("http://"):
        yield Finding("environment.endpoint", f"{endpoint!r} gets credentials in clear text")


@rule(
    "image-by-content",
    "An image is named by its content: by a digest, or built by pulumi-flyte.",
    remedy="append the digest, as in name:1.2@sha256:…, or give an Image(…)",
    severity="advisory",
)
def image_by_content(resource: Resource) -> Iterator[Finding]:
    for container, image in _images(resource):
        digest, tag = _digest_and_tag(image)
        if not digest and not _CONTENT_TAG.fullmatch(tag):
            yield Finding(_image_path(container), f"{image!r} may become another image")


@rule(
    "memory-limit",
    "A container has a limit of memory.",
    remedy='give resources={"memory": ("512Mi", "1Gi")}, or set it for the Environment',
    severity="advisory",
)
def memory_limit(resource: Resource) -> Iterator[Finding]:
    for container in resource.containers:
        if "memory" not in container.limits:
            yield Finding(_join(container.path, "resources.limits"), "a leak takes the memory of the others")


def bounded_retries(most: int = _MOST_RETRIES) -> Rule:
    """Return the rule `bounded-retries` with another number."""

    @rule(
        "bounded-retries",
        f"A failed run is repeated at most {most} times.",
        remedy="give a smaller retries=",
        severity="advisory",
    )
    def check(resource: Resource) -> Iterator[Finding]:
        retries = resource["template.taskTemplate.metadata.retries.retries"]
        if resource.type == "flyte:api:Task" and isinstance(retries, (int, float)) and retries > most:
            yield Finding("retries", f"{retries:.0f} repeats of a run that fails")

    return check


@rule(
    "task-time-limit",
    "An attempt of a task has a time limit.",
    remedy="give timeout=",
    severity="advisory",
)
def task_time_limit(resource: Resource) -> Iterator[Finding]:
    if resource.type == "flyte:api:Task" and resource["template.taskTemplate.metadata.timeout"] in (None, "0s"):
        yield Finding("timeout", "is not set, so a run that hangs stays")


def bounded_replicas(most: int = _MOST_REPLICAS) -> Rule:
    """Return the rule `bounded-replicas` with another number."""

    @rule(
        "bounded-replicas",
        f"An app has at most {most} replicas.",
        remedy='give a smaller scaling={"replicas": (least, most)}',
        severity="advisory",
    )
    def check(resource: Resource) -> Iterator[Finding]:
        paths = {"flyte:api:App": "scaling.maxReplicas", "kubernetes:apps/v1:Deployment": "spec.replicas"}
        path = paths.get(resource.type, "spec.maxReplicas" if "HorizontalPodAutoscaler" in resource.type else "")
        number = resource[path] if path and resource.is_flyte else None
        if isinstance(number, (int, float)) and number > most:
            yield Finding(path, f"{number:.0f} replicas")

    return check


@rule(
    "temporary-adoption",
    "Nothing is taken over in the long run.",
    remedy="take adopt=True away after the update that took the object over",
    severity="advisory",
)
def temporary_adoption(resource: Resource) -> Iterator[Finding]:
    if resource.type in (_APP, _TASK, _SECRET) and resource["adopt"] is True:
        yield Finding("adopt", "takes over any object of this name, whoever made it")


BUILTIN: tuple[Rule, ...] = (
    public_app_needs_auth,
    secret_from_configuration,
    no_secret_in_env,
    no_latest_tag,
    encrypted_endpoint,
    image_by_content,
    memory_limit,
    bounded_retries(),
    task_time_limit,
    bounded_replicas(),
    temporary_adoption,
)


def _images(resource: Resource) -> Iterator[tuple[Container, str]]:
    for container in resource.containers:
        image = container.image
        # On the platform `local` the program's own Python stands in for an image, so there is no tag to mend.
        if image is not None and image not in (SECRET, UNKNOWN) and not is_local_python(image):
            yield container, image


def _digest_and_tag(image: str) -> tuple[str, str]:
    name, _, digest = image.partition("@")
    return digest, name.rpartition("/")[2].partition(":")[2]


def _image_path(container: Container) -> str:
    return _join(container.path, "image")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
