"""An app as objects of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
from flyte_runtime import contract

from pulumi_flyte.engine.outputs import Text, lift
from pulumi_flyte.engine.owner import Owner
from pulumi_flyte.links import AppLink
from pulumi_flyte.naming import names
from pulumi_flyte.notation.versions import version_of
from pulumi_flyte.platforms.base import DeclaredApp
from pulumi_flyte.platforms.flyte_api import auth_warnings
from pulumi_flyte.platforms.flyte_api.credentials import declare_key, guard_of
from pulumi_flyte.platforms.flyte_api.sdk_variables import sdk_variables
from pulumi_flyte.platforms.kubernetes import declared_namespaces
from pulumi_flyte.platforms.kubernetes.app_checks import app_problems, app_warnings, host_of
from pulumi_flyte.platforms.kubernetes.app_objects import AppObjects
from pulumi_flyte.platforms.kubernetes.calls_in_code import called_in_code
from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules
from pulumi_flyte.platforms.kubernetes.credentials import declare_credentials
from pulumi_flyte.platforms.kubernetes.deployment import deployment_spec
from pulumi_flyte.platforms.kubernetes.flyte_command import WORK_FOLDER, with_archive, without_archive
from pulumi_flyte.platforms.kubernetes.hooks import provider_of
from pulumi_flyte.platforms.kubernetes.names_taken import Name, take_app_name
from pulumi_flyte.platforms.kubernetes.network.warnings import edge_warnings, egress_warnings
from pulumi_flyte.platforms.kubernetes.pod import PodContents, pod_template
from pulumi_flyte.platforms.kubernetes.pod_rules import PodRules
from pulumi_flyte.platforms.kubernetes.policy_objects import (
    declare_app_policy,
    declare_edge_policies,
    surroundings_of,
)
from pulumi_flyte.platforms.kubernetes.secrets import ENTRY, program_secrets, secret_files, secret_variables
from pulumi_flyte.platforms.kubernetes.variables import SecretEntry
from pulumi_flyte.platforms.planned_image import ImagePlan
from pulumi_flyte.problems import Problem
from pulumi_flyte.settings import Settings
from pulumi_flyte.wiring.edge import AppEdge, CallerKey, ValueEdge
from pulumi_flyte.wiring.pairs import Peer, pairs_of
from pulumi_flyte.wiring.variables import Guard, wiring_variables
from pulumi_flyte.workload.app_spec import AppSpec
from pulumi_flyte.workload.manifest import Manifest


def plan_app(spec: AppSpec, settings: Settings) -> KubernetesAppPlan:
    """Plan an app. A Flyte source brings its code as the archive that its own command unpacks."""
    if spec.container.fetches_bundle:
        spec = spec._replace(container=with_archive(spec.container))
    starts_tasks = any(not isinstance(edge, (AppEdge, ValueEdge)) for edge in spec.edges.inputs)
    needs_flyte = starts_tasks or spec.container.fetches_bundle
    image = _image(spec, settings, needs_flyte=needs_flyte)
    return KubernetesAppPlan(spec, settings, image, sdk_variables(settings), needs_flyte)


def _image(spec: AppSpec, settings: Settings, *, needs_flyte: bool) -> ImagePlan:
    existing, container = spec.container.image.existing, spec.container
    if existing and container.bundle is None:
        return ImagePlan(existing)
    # The packages that build an image are loaded only if one is built.
    from pulumi_flyte.platforms.image_plan import plan_image

    return plan_image(container, settings, spec.name, needs_flyte=needs_flyte)


@dataclass(frozen=True, slots=True)
class KubernetesAppPlan:
    """An app that becomes a Deployment and a Service, with what belongs to them.

    variables: those that the platform adds to the container's. calls_flyte: whether it starts tasks, or is Flyte's own
    kind of app. No other app gets the key of the Flyte API.
    """

    spec: AppSpec
    settings: Settings
    image: ImagePlan
    variables: Mapping[str, str]
    calls_flyte: bool = False

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the specification on this platform."""
        return [*app_problems(self.spec, self.settings), *self.image.problems]

    @property
    def warnings(self) -> Sequence[str]:
        """The warnings that a preview shows."""
        auth = auth_warnings.of(self.spec, self.settings, enforced=False)
        spec, around = self.spec, surroundings_of(self.settings)
        network = [
            *edge_warnings(around, spec.name, spec.edges.inputs, declared_namespaces.seen_by_program()),
            *egress_warnings(around, spec.container.env, spec.edges.inputs),
        ]
        return [*self.image.warnings, *spec.warnings, *auth, *app_warnings(spec), *network]

    @property
    def manifest(self) -> Manifest:
        """The files and packages of the workload."""
        manifest = Manifest.of_bundle(without_archive(self.spec.container.bundle)).joined(self.image.manifest)
        return manifest._replace(in_code=tuple(link.name for link in self._called_in_code()))

    def _called_in_code(self) -> list[AppLink]:
        return called_in_code(self.spec.name, self.spec.depends_on, self.settings)

    def declare(self, owner: Owner, waits_for: Sequence[pulumi.Resource]) -> DeclaredApp:
        """Declare the objects."""
        spec, settings = self.spec, self.settings
        cluster = ClusterRules.of(settings)
        take_app_name(Name(provider_of(owner.child_options()), cluster.namespace, spec.name), owner.name)
        key = declare_key(spec, owner)
        guard = None if key is None else guard_of(key, spec.identity, by_platform=False)
        credentials, credential_secrets = declare_credentials(spec.credentials, settings, owner)
        pods = PodRules.of(spec.options.kubernetes, settings.kubernetes)
        contents = self.contents(guard, credentials, pods)
        version = self.version(contents, pods)
        image, policies = self.image.declare(owner), self._declare_policies(owner)
        before = [*spec.edges.waits_for, *credential_secrets, *policies, *([] if image is None else [image])]
        objects = AppObjects(spec, settings, pods, cluster, owner)
        service = objects.declare(contents, version, [*before, *waits_for])
        endpoint, public_endpoint = names.app_endpoint(spec.name, settings.target), self._public_endpoint
        return DeclaredApp(
            resource=service,
            link=AppLink(
                spec.identity.project,
                spec.identity.domain,
                spec.name,
                endpoint,
                public_endpoint,
                None if key is None else key.urn,
                control_plane=settings.control_plane,
            ),
            key=None if key is None else CallerKey(key.private_key, key.created_at),
            # These are Outputs of the Service, so whoever reads them waits for the Service.
            endpoint=service.urn.apply(lambda _: endpoint),
            public_endpoint=service.urn.apply(lambda _: public_endpoint or endpoint),
            console_url=pulumi.Output.from_input(""),
            version=pulumi.Output.from_input(version),
        )

    def _declare_policies(self, owner: Owner) -> list[pulumi.Resource]:
        """Declare the network policies of the app and of its edges. They exist before the app starts."""
        spec, caller = self.spec, Peer.of(self.spec.identity)
        pairs = pairs_of(caller, spec.edges.inputs, in_code=self._called_in_code())
        app_policy = declare_app_policy(caller, self.settings, owner, public=spec.options.public is True)
        return [app_policy, *declare_edge_policies(caller, pairs, self.settings, owner)]

    def contents(self, guard: Guard | None, credentials: Mapping[str, SecretEntry], rules: PodRules) -> PodContents:
        """Return what the container runs."""
        spec, container = self.spec, self.spec.container
        declared = program_secrets(self.settings)
        wiring = wiring_variables(spec.identity, spec.edges, self.settings.platform, guard)
        return PodContents(
            image=self.image.reference,
            command=container.command,
            args=container.args,
            variables={**container.env, **wiring, **self.variables, **rules.variables, "PORT": str(spec.port)},
            secrets={
                **secret_variables(container.secrets, spec.edges.secrets, declared),
                **credentials,
                **self._container_key(),
            },
            files=secret_files(container.secrets, declared),
            folder=WORK_FOLDER if container.fetches_bundle and container.bundle is not None else None,
        )

    def version(self, contents: PodContents, rules: PodRules) -> Text:
        """Return a hash of all that the app consists of, secrets excepted."""
        unread = replace(contents, secrets={variable: SecretEntry("", "") for variable in contents.secrets}, files=())
        template = pod_template(self.spec, unread, rules, self.spec.options.service_account or self.spec.name)
        return lift(version_of, {"spec": deployment_spec(self.spec, template, rules), "host": self._public_endpoint})

    def _container_key(self) -> dict[str, SecretEntry]:
        """Return the variable with the API key with which Flyte's SDK calls Flyte, if one is configured."""
        key = self.settings.container_key if self.calls_flyte else None
        return {} if key is None else {contract.API_KEY_VARIABLE: SecretEntry(key, ENTRY)}

    @property
    def _public_endpoint(self) -> str | None:
        """The URL from outside, or None if the app is not public."""
        host = host_of(self.spec, self.settings) if self.spec.options.public else None
        return None if host is None else f"{self.settings.scheme}://{host}"
