"""The pods of an app: one container that Kubernetes' standard `restricted` lets in. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pulumi_flyte.arguments.declaration import values_of
from pulumi_flyte.engine.outputs import Text
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.platforms.kubernetes.compute_resources import compute_resources
from pulumi_flyte.platforms.kubernetes.existing_secrets import ExistingEntry
from pulumi_flyte.platforms.kubernetes.labels import app_labels, selector
from pulumi_flyte.platforms.kubernetes.objects import Body
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.platforms.kubernetes.probes import PORT_NAME, probes
from pulumi_flyte.platforms.kubernetes.variables import SecretEntry, SecretFile, file_volumes, literal, variable_entries
from pulumi_flyte.workload.app_spec import AppSpec

_CONTAINER = "app"
_SHARED_MEMORY = "/dev/shm"
_HOST = "kubernetes.io/hostname"
_ZONE = "topology.kubernetes.io/zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodContents:
    """The container of an app: its image, its process, and the variables and files of the process.

    folder: the folder that the process starts in, if it is not the image's own.
    """

    image: Text
    command: Sequence[Text] = ()
    args: Sequence[Text] = ()
    variables: Mapping[str, Text] = field(default_factory=dict)
    secrets: Mapping[str, SecretEntry] = field(default_factory=dict)
    files: Sequence[SecretFile] = ()
    folder: str | None = None

    @property
    def existing_entries(self) -> list[ExistingEntry]:
        """The entries of Secrets that others keep. The name of a Secret that this program makes is an Output."""
        entries = [*self.secrets.values(), *(file.secret for file in self.files)]
        plain = {
            ExistingEntry(each.object_name, each.entry)
            for each in entries
            if isinstance(each.object_name, str) and isinstance(each.entry, str)
        }
        return sorted(plain)


def pod_template(spec: AppSpec, contents: PodContents, rules: PodRules, service_account: str) -> Body:
    """Return the template of an app's pods."""
    file_sources, file_mounts = file_volumes(contents.files)
    writable, writable_mounts = _writable(spec, rules)
    return {
        "metadata": _without_empty(
            {"labels": {**rules.labels, **app_labels(spec.identity)}, "annotations": dict(rules.annotations)}
        ),
        "spec": _without_empty(
            {
                "serviceAccountName": service_account,
                "automountServiceAccountToken": rules.service_account_token,
                "enableServiceLinks": rules.service_links,
                "terminationGracePeriodSeconds": rules.grace_period,
                "securityContext": {
                    **_identity(rules),
                    **({} if rules.user_from_cluster else {"fsGroup": rules.run_as_user}),
                    "seccompProfile": {"type": rules.seccomp},
                },
                "topologySpreadConstraints": _spread(spec.name) if rules.spread else [],
                "nodeSelector": dict(rules.node_selector),
                "tolerations": [_camelled(values_of(each)) for each in rules.tolerations],
                "imagePullSecrets": [{"name": name} for name in rules.image_pull_secrets],
                "priorityClassName": rules.priority_class,
                "containers": [_container(spec, contents, rules, [*writable_mounts, *file_mounts])],
                "volumes": [*writable, *file_sources],
            }
        ),
    }


def _container(spec: AppSpec, contents: PodContents, rules: PodRules, mounts: Sequence[Body]) -> Body:
    # Kubernetes replaces variables in a command, which is the user's to use where no code travels along.
    word = literal if spec.container.bundle is not None else _unchanged
    checks = probes(spec.options.health)
    if not rules.liveness:
        del checks["livenessProbe"]
    return _without_empty(
        {
            "name": _CONTAINER,
            "image": contents.image,
            "imagePullPolicy": "IfNotPresent",
            "command": [word(each) for each in contents.command],
            "args": [word(each) for each in contents.args],
            "workingDir": contents.folder,
            "ports": [{"name": PORT_NAME, "containerPort": spec.port, "protocol": "TCP"}],
            "env": variable_entries(contents.variables, contents.secrets),
            "resources": compute_resources(spec.container.resources),
            "securityContext": {
                **_identity(rules),
                "allowPrivilegeEscalation": rules.privilege_escalation,
                "readOnlyRootFilesystem": rules.read_only_root,
                "capabilities": {"drop": ["ALL"], **({"add": [*rules.capabilities]} if rules.capabilities else {})},
            },
            **checks,
            # The node's own sleep: an image needs no program for it.
            "lifecycle": {"preStop": {"sleep": {"seconds": rules.pre_stop_delay}}} if rules.pre_stop_delay else None,
            # The last lines of a process that died are in the pod's status, and so in Pulumi's message.
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "volumeMounts": list(mounts),
        }
    )


def _identity(rules: PodRules) -> dict[str, object]:
    """Return who the process runs as. A cluster that chooses the user chooses the group and that of volumes too."""
    if rules.user_from_cluster:
        return {"runAsNonRoot": True}
    return {
        "runAsNonRoot": rules.run_as_user != 0,
        "runAsUser": rules.run_as_user,
        "runAsGroup": rules.run_as_user,
    }


def _writable(spec: AppSpec, rules: PodRules) -> tuple[list[Body], list[Body]]:
    """Return the volumes of the folders that the container writes to, and where it mounts them."""
    volumes: list[Body] = [{"name": f"writable-{number}", "emptyDir": {}} for number in range(len(rules.writable))]
    mounts: list[Body] = [
        {"name": f"writable-{number}", "mountPath": folder} for number, folder in enumerate(rules.writable)
    ]
    memory = spec.container.resources and spec.container.resources.shared_memory
    if memory:
        size = {} if memory == "auto" else {"sizeLimit": memory}
        volumes.append({"name": "shared-memory", "emptyDir": {"medium": "Memory", **size}})
        mounts.append({"name": "shared-memory", "mountPath": _SHARED_MEMORY})
    return volumes, mounts


def _spread(app: str) -> list[Body]:
    """Return the constraints that spread pods over nodes and zones. None of them keeps a pod from running."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(app)},
            # A rollout is spread for itself: old pods, which are about to go, do not count.
            "matchLabelKeys": ["pod-template-hash"],
        }
        for key in (_HOST, _ZONE)
    ]


def _camelled(values: Mapping[str, object]) -> Body:
    return {camel(name): value for name, value in values.items()}


def _unchanged(word: Text) -> Text:
    return word


def _without_empty(fields: Mapping[str, object]) -> Body:
    """Return the fields without those that say nothing."""
    return {name: value for name, value in fields.items() if value is not None and value != [] and value != {}}
