"""Converts `AppInputs` to `flyteidl2.app.Spec` and back. Pure; `read(write(x))` is the normal form of x.

Fields of a spec without a property are kept in `extra`, so that an app that was deployed by Flyte's own tools can be
read and written back. Fields that the server sets and the version of the SDK are left out: flyte-sdk `remote/_app.py`
also ignores them in comparisons, and an upgrade of the SDK must not change an app.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flyteidl2.app import app_definition_pb2 as pb
from flyteidl2.core import security_pb2, tasks_pb2
from flyteidl2.core.literals_pb2 import KeyValuePair
from google.protobuf import duration_pb2, json_format
from pulumi_flyte.notation.quantities import DEFAULT_PORT

from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties.json_merge import merged, remainder
from pulumi_flyte_provider.properties.normal_form import NormalForm, parse_known
from pulumi_flyte_provider.properties.placeholders import Placeholders
from pulumi_flyte_provider.properties.values import Properties, without_nones
from pulumi_flyte_provider.resources.app.shape import AppInputs, Scaling
from pulumi_flyte_provider.resources.container import compute_resources, pod_template, secret_requests, variables

_SERVER_SET = ("desiredState", "runtimeMetadata", "creator")
DEFAULT_CLUSTER_POOL = "default"


@dataclass(frozen=True)
class LiveApp:
    """The content of a spec: the inputs for it, and the mark."""

    inputs: Properties
    mark: Mark | None


def write(app: AppInputs, mark: Mark | None, placeholders: Placeholders) -> pb.Spec:
    """Return the spec for the platform."""
    spec = _structured(app, mark, placeholders)
    if not app.extra:
        return spec
    whole = merged(json_format.MessageToDict(spec), app.extra)
    return json_format.ParseDict(whole, pb.Spec())


def read(live: pb.Spec) -> LiveApp:
    """Return the inputs for this spec. They have values in place of placeholders: see `placeholders.restore`."""
    pod = None
    container = live.container
    if live.HasField("pod"):
        pod, container = pod_template.separate(live.pod)
    declared, added = variables.read(container.env)
    inputs = without_nones(
        {
            "image": container.image or None,
            "command": list(container.command) or None,
            "args": list(container.args) or None,
            "port": _read_port(container, pod),
            "env": declared or None,
            "secrets": secret_requests.read(live.security_context.secrets) or None,
            "resources": compute_resources.read(container.resources, live.extended_resources) or None,
            "scaling": _read_scaling(live.autoscaling) or None,
            "requiresAuth": False if live.security_context.allow_anonymous else added.requires_auth,
            "timeouts": _read_timeouts(live),
            "ingress": _read_ingress(live.ingress) or None,
            "links": [_read_link(link) for link in live.links] or None,
            "serviceAccount": live.security_context.run_as.k8s_service_account or None,
            "type": live.profile.type or None,
            "description": live.profile.short_description or None,
            "health": _health(added),
            "pod": pod or None,
            "inputs": _read_parameters(live.inputs),
        }
    )
    extra = _left_over(live, inputs, added.mark)
    if extra:
        inputs["extra"] = extra
    return LiveApp(inputs, added.mark)


def _structured(app: AppInputs, mark: Mark | None, placeholders: Placeholders) -> pb.Spec:
    container = _container(app, mark, placeholders)
    extended = compute_resources.extended(app.resources)
    spec = pb.Spec(
        desired_state=pb.Spec.DESIRED_STATE_ACTIVE,
        cluster_pool=DEFAULT_CLUSTER_POOL,
        autoscaling=_scaling(app.scaling),
        extended_resources=extended,
        security_context=_security(app),
        profile=pb.Profile(type=app.type, short_description=app.description),
        ingress=pb.IngressConfig(
            subdomain=app.ingress.subdomain if app.ingress else None,
            cname=app.ingress.custom_domain if app.ingress else None,
        ),
        links=[pb.Link(path=k.path, title=k.title, is_relative=bool(k.is_relative)) for k in app.links or ()],
        inputs=pb.InputList(items=[pb.Input(name=i.name, string_value=i.value) for i in app.inputs or ()]),
    )
    if app.timeouts is not None and app.timeouts.request is not None:
        spec.timeouts.request_timeout.CopyFrom(_duration(app.timeouts.request))
    if app.pod is not None:
        spec.pod.CopyFrom(pod_template.overlay(app.pod, container))
    else:
        spec.container.CopyFrom(container)
    return spec


def _container(app: AppInputs, mark: Mark | None, placeholders: Placeholders) -> tasks_pb2.Container:
    added = variables.Added(
        mark=mark,
        health_path=app.health.path if app.health else None,
        health_timeout=app.health.timeout if app.health else None,
        requires_auth=app.requires_auth,
    )
    left = mark.left if mark is not None else ()
    declared = {key: placeholders.fill(value) for key, value in (app.env or {}).items() if key not in left}
    return tasks_pb2.Container(
        image=app.image,
        command=[placeholders.fill(text) for text in app.command or ()],
        args=[placeholders.fill(text) for text in app.args or ()],
        resources=compute_resources.quantities(app.resources),
        env=variables.write(declared, added),
        ports=[tasks_pb2.ContainerPort(container_port=app.port or DEFAULT_PORT)],
    )


def _security(app: AppInputs) -> pb.SecurityContext | None:
    account = app.service_account
    if not (account or app.secrets or app.requires_auth is not None):
        return None
    return pb.SecurityContext(
        run_as=security_pb2.Identity(k8s_service_account=account) if account else None,
        secrets=secret_requests.write(app.secrets or ()),
        allow_anonymous=app.requires_auth is False,
    )


def _scaling(scaling: Scaling | None) -> pb.AutoscalingConfig | None:
    if scaling is None:
        return None
    config = pb.AutoscalingConfig()
    if scaling.min_replicas is not None or scaling.max_replicas is not None:
        least = scaling.min_replicas or 0
        config.replicas.min = least
        config.replicas.max = scaling.max_replicas if scaling.max_replicas is not None else max(1, least)
    if scaling.concurrency is not None:
        config.scaling_metric.concurrency.target_value = scaling.concurrency
    if scaling.request_rate is not None:
        config.scaling_metric.request_rate.target_value = scaling.request_rate
    if scaling.scaledown_after is not None:
        config.scaledown_period.CopyFrom(_duration(scaling.scaledown_after))
    return config


def _read_scaling(config: pb.AutoscalingConfig) -> Properties:
    result: Properties = {}
    if config.HasField("replicas"):
        result["minReplicas"] = config.replicas.min
        if config.replicas.max:
            result["maxReplicas"] = config.replicas.max
    if config.scaling_metric.HasField("concurrency"):
        result["concurrency"] = config.scaling_metric.concurrency.target_value
    if config.scaling_metric.HasField("request_rate"):
        result["requestRate"] = config.scaling_metric.request_rate.target_value
    if config.HasField("scaledown_period"):
        result["scaledownAfter"] = _seconds(config.scaledown_period)
    return result


def _read_port(container: tasks_pb2.Container, pod: Properties | None) -> int | None:
    if container.ports:
        return int(container.ports[0].container_port)
    return None if pod is not None else DEFAULT_PORT


def _read_timeouts(live: pb.Spec) -> Properties | None:
    if not live.timeouts.HasField("request_timeout"):
        return None
    return {"request": _seconds(live.timeouts.request_timeout)}


def _read_ingress(ingress: pb.IngressConfig) -> Properties:
    return without_nones({"subdomain": ingress.subdomain or None, "customDomain": ingress.cname or None})


def _read_link(link: pb.Link) -> Properties:
    return without_nones({"path": link.path, "title": link.title or None, "isRelative": link.is_relative or None})


def _read_parameters(inputs: pb.InputList) -> list[Properties] | None:
    if not inputs.items or any(item.WhichOneof("value") != "string_value" for item in inputs.items):
        return None
    return [{"name": item.name, "value": item.string_value} for item in inputs.items]


def _left_over(live: pb.Spec, inputs: Properties, mark: Mark | None) -> Properties | None:
    rebuilt = json_format.MessageToDict(_structured(parse_known(AppInputs, inputs, name="any"), mark, Placeholders()))
    left: Any = remainder(json_format.MessageToDict(_sorted_environment(live)), rebuilt)
    return {key: value for key, value in (left or {}).items() if key not in _SERVER_SET} or None


def _sorted_environment(live: pb.Spec) -> pb.Spec:
    """Return the spec with its variables in the order of `write`."""
    spec = pb.Spec()
    spec.CopyFrom(live)
    values = {pair.key: pair.value for pair in live.container.env}
    if values:
        del spec.container.env[:]
        spec.container.env.extend(KeyValuePair(key=key, value=values[key]) for key in sorted(values))
    if spec.HasField("pod"):
        template, container = pod_template.separate(spec.pod)
        spec.pod.CopyFrom(pod_template.overlay(template, container))
    return spec


def _duration(seconds: float) -> duration_pb2.Duration:
    result = duration_pb2.Duration()
    result.FromNanoseconds(round(seconds * 1_000_000_000))
    return result


def _seconds(duration: duration_pb2.Duration) -> float | int:
    value = duration.ToNanoseconds() / 1_000_000_000
    return int(value) if value.is_integer() else value


def _health(added: variables.Added) -> Properties | None:
    return without_nones({"path": added.health_path, "timeout": added.health_timeout}) or None


def _round_trip(work: Properties) -> Properties:
    return read(write(AppInputs.model_validate({**work, "name": "any"}), None, Placeholders())).inputs


def _complete(normal: Properties) -> Properties:
    completed = {"active": True, **normal}
    if not completed.get("secretVersions"):
        completed.pop("secretVersions", None)
    return completed


NORMAL_FORM = NormalForm(
    _round_trip,
    outside=frozenset(
        {
            *("name", "project", "domain", "org", "version", "bundle", "secretVersions"),
            *("active", "endpoint", "publicEndpoint", "consoleUrl", "instance", "adopt"),
        }
    ),
    complete=_complete,
)
