"""The life of an app. Facts about the API: flyteorg/flyte `app/internal` (create is an upsert, stop changes nothing
else, a stopped app is recognised by its status only)."""

from __future__ import annotations

from flyteidl2.app import app_definition_pb2 as pb
from flyteidl2.app.app_payload_pb2 import CreateRequest, DeleteRequest, GetRequest, UpdateRequest
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.errors import NotReadyError, ProviderError
from pulumi_flyte_provider.flyte_api import bundles
from pulumi_flyte_provider.flyte_api.connection import optional
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark, new_creation
from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.codec import UNKNOWN, Tree, conceal, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.normal_form import keep_spelling, normal_form
from pulumi_flyte_provider.properties.placeholders import Placeholders
from pulumi_flyte_provider.properties.shape import examine, parse
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.app import platform_variables, readiness, wire
from pulumi_flyte_provider.resources.app.shape import AppInputs, check_together
from pulumi_flyte_provider.resources.resource import Call, Deadline, Stored, is_import
from pulumi_flyte_provider.resources.task import references as pins

BESIDE = frozenset(
    {
        "name", "project", "domain", "org", "version", "bundle", "secretVersions",
        "active", "endpoint", "publicEndpoint", "consoleUrl", "instance", "adopt",
    }
)  # fmt: skip
IDENTITY = ("name", "project", "domain", "org")


class AppResource:
    """`flyte:api:App`."""

    token = "flyte:api:App"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules, defaults, computed endpoints, and collisions with other apps of this run."""
        check_together(examine(AppInputs, news, problems), problems)
        filled = scope.fill(call, news)
        scope.check_domain(call, filled["domain"], problems)
        if not problems and scope.is_known(filled, *IDENTITY):
            self._check_collision(call, filled, problems)
            filled = _with_urls(call, filled)
        return filled

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Paths of what changed; another identity means another app."""
        if inputs == news:  # the usual case, without normalising both sides
            return Difference(())
        before, after = _normal(inputs), _normal(news)
        changes = compare(before, after, replacing=IDENTITY, ignoring=("adopt", "consoleUrl"))
        return Difference(changes, delete_first=_identity(before) == _identity(after))

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """Everything but a public URL that only the platform knows."""
        if not scope.is_known(news, "name", "project", "domain"):
            unknown = dict.fromkeys(("endpoint", "publicEndpoint", "consoleUrl"), UNKNOWN)
            return {**news, "owner": call.owner, **unknown}
        self._foresee(call, news, outputs)
        result = {**_with_urls(call, news), "owner": call.owner}
        if result.get("publicEndpoint") is None:
            result["publicEndpoint"] = (outputs or {}).get("publicEndpoint") or UNKNOWN
        return result

    def create(self, call: Call, news: Tree) -> Stored:
        """Looks first: the API's create would silently take over what exists."""
        app = parse(AppInputs, reveal(news))
        identifier = _identifier(app)
        what = _what(identifier)
        scope.require_project(call, identifier.project, identifier.domain, identifier.org)
        live = _get_now(call, identifier)
        self._require_free(call, identifier, live, adopt=bool(app.adopt))
        pins.require(call, what, pins.wired_tasks(news, identifier.org))
        return self._deploy(call, news, app, live, {"creation": new_creation()})

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """The live spec as inputs."""
        project, domain, name = scope.split_id(self.token, id, "project", "domain", "name")
        org = reveal(inputs).get("org") or call.connection.config.org
        identifier = pb.Identifier(org=org, project=project, domain=domain, name=name)
        live = _get(call, identifier)
        if live is None:
            return None
        found = wire.read(live.spec)
        mark, before = found.mark, reveal(inputs)
        if is_import(inputs, outputs):
            takeover.require_importable(_what(identifier), mark.owner if mark else None, call.owner)
        restored: Tree = placeholders.restore(
            found.inputs,
            before,
            bundle=mark.bundle if mark else None,
            version=mark.version if mark else None,
        )
        restored.update({"name": name, "project": project, "domain": domain, "org": org})
        if mark is not None:
            restored = platform_variables.restore(restored, before, mark.left)
            beside = {"version": mark.version, "bundle": mark.bundle, "secretVersions": mark.secret_versions or None}
            restored.update({key: value for key, value in beside.items() if value is not None})
        for key in ("instance", "adopt"):
            if before.get(key) is not None:
                restored[key] = before[key]
        if readiness.is_stopped(live):
            restored["active"] = False
        elif before.get("active") is True:
            restored["active"] = True
        restored = _with_urls(call, restored)
        kept = conceal(keep_spelling(restored, before, _normal, BESIDE), inputs)
        recorded = takeover.recorded_owner(outputs, mark, call.owner)
        if mark is not None and mark.creation is not None:
            outputs = {**outputs, "creation": mark.creation}
        return Stored(id, self._outputs(call, kept, live, outputs, recorded), kept)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """A new spec; or only a stop, which the API does apart from everything else."""
        app = parse(AppInputs, reveal(news))
        identifier = _identifier(app)
        live = _get_now(call, identifier)
        self._require_ours(call, identifier, live, outputs, adopt=bool(app.adopt))
        pins.require(call, _what(identifier), pins.wired_tasks(news, identifier.org))
        return self._deploy(call, news, app, live, outputs)

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """Gone already is fine; taken over by somebody else is not ours to delete."""
        call = call.over(call.connection.for_deletes())
        project, domain, name = scope.split_id(self.token, id, "project", "domain", "name")
        org = reveal(outputs).get("org") or call.connection.config.org
        identifier = pb.Identifier(org=org, project=project, domain=domain, name=name)
        live = _get(call, identifier)
        if live is None or live.metadata.id.name != name or live.metadata.id.project != project:
            return
        mark = wire.read(live.spec).mark
        if takeover.is_another_creation(mark, outputs.get("creation")):
            call.leave(_what(identifier), takeover.MADE_ANEW)
            return
        if mark is not None and takeover.is_foreign(mark, outputs.get("owner"), call.owner):
            call.warn(f"{_what(identifier)} has been taken over by {mark.owner}: it is forgotten here, not deleted")
            return
        apps = call.connection.apps
        request = DeleteRequest(app_id=identifier)
        optional(lambda: call.connection.call(apps.delete, request, what=f"deleting {_what(identifier)}"))

    def _foresee(self, call: Call, news: Tree, outputs: Tree | None) -> None:
        """Say in a preview what `up` would refuse, where the platform can be asked."""
        plain = reveal(news)
        identifier = pb.Identifier(**{key: plain[key] for key in IDENTITY if isinstance(plain.get(key), str)})
        adopt = plain.get("adopt") is True
        live = call.look(lambda: _get(call, identifier))
        if outputs is None:
            scope.foresee_project(call, identifier.project, identifier.domain, identifier.org)
            self._require_free(call, identifier, live, adopt=adopt)
        else:
            self._require_ours(call, identifier, live, outputs, adopt=adopt)
        pins.require_in_preview(call, _what(identifier), pins.wired_tasks(news, identifier.org))

    def _require_free(self, call: Call, identifier: pb.Identifier, live: pb.App | None, *, adopt: bool) -> None:
        if live is not None:
            _require_same_identity(live, identifier)
            mark = wire.read(live.spec).mark
            takeover.require_free(_what(identifier), self.token, _id(identifier), mark, call.owner, adopt=adopt)

    def _require_ours(
        self, call: Call, identifier: pb.Identifier, live: pb.App | None, outputs: Tree, *, adopt: bool
    ) -> None:
        if live is not None:
            _require_same_identity(live, identifier)
            mark, recorded = wire.read(live.spec).mark, reveal(outputs).get("owner")
            takeover.require_ours(_what(identifier), mark, recorded, call.owner, adopt=adopt)

    def _check_collision(self, call: Call, filled: Tree, problems: Problems) -> None:
        plain = reveal(filled)
        target = call.connection.config.target(plain["project"], plain["domain"])
        service = names.service_name(plain["name"], target)
        identity = _id_of(plain)
        mine = f"{identity} ({call.urn.name!r})"
        other = call.claims.claim(self.token, service, call.urn.text, mine)
        if other is not None and other.startswith(f"{identity} "):
            problems.add("name", f"another resource declares the app {other} already")
        elif other is not None:
            problems.add(
                "name", f"this app and {other} would both be the service {service!r}: rename one", plain["name"]
            )

    def _deploy(self, call: Call, news: Tree, app: AppInputs, live: pb.App | None, outputs: Tree) -> Stored:
        identifier = _identifier(app)
        former = _former_mark(live)
        mark = Mark(
            owner=call.owner,
            creation=outputs.get("creation"),
            version=app.version,
            bundle=app.bundle,
            secret_versions=app.secret_versions or {},
            attempt=former.attempt,
            left=former.left,
        )
        url = None
        if app.bundle is not None:
            url = bundles.upload(call.connection, identifier.project, identifier.domain, identifier.org, app.bundle)
        filled = Placeholders(bundle_url=url, version=app.version)
        spec = wire.write(app, mark, filled)
        wanted_stop = app.active is False
        before = readiness.Snapshot.of(live)
        if live is None or not (_same_spec(spec, live.spec) and wanted_stop):
            plane = call.connection.control_plane
            if live is not None and before.failed and _same_spec(spec, live.spec) and not plane.supervises_apps:
                # An equal spec is no change, and a stop would end the older revision that may still serve.
                mark = mark.model_copy(update={"attempt": former.attempt + 1})
            found = live
            unsent = plane.variables_of_every_app & set(app.env or {})
            mark, live = platform_variables.send(
                mark,
                unsent,
                lambda marked: wire.write(app, marked, filled),
                lambda spec: _send(call, identifier, spec, found),
            )
            spec = wire.write(app, mark, filled)
            said = platform_variables.news(mark.left, former.left, plane.variables_of_every_app)
            if said is not None:
                call.say(said)
        stored = Stored(_id(identifier), self._outputs(call, news, live, outputs, call.owner))
        if wanted_stop:
            if not readiness.is_stopped(live):
                _send_stop(call, identifier, spec, live)
            return stored
        return self._wait(call, news, app, identifier, stored, outputs, before)

    def _wait(
        self,
        call: Call,
        news: Tree,
        app: AppInputs,
        identifier: pb.Identifier,
        stored: Stored,
        outputs: Tree,
        before: readiness.Snapshot,
    ) -> Stored:
        deadline = Deadline.after(call.timeout or readiness.time_limit(app.health.timeout if app.health else None))
        try:
            live = readiness.wait_until_active(call, identifier, deadline, before)
            stored = Stored(stored.id, self._outputs(call, news, live, outputs, call.owner))
            public = stored.outputs.get("publicEndpoint")
            _warn_of_another_address(call, identifier, public, live.status.ingress.public_url)
            if not call.connection.control_plane.supervises_apps and app.health and app.health.path and public:
                readiness.wait_until_healthy(call, identifier, public, app.health.path, deadline)
        except NotReadyError as error:
            return Stored(stored.id, stored.outputs, failures=(f"{_what(identifier)}: {error}",))
        except ProviderError as error:
            return Stored(stored.id, stored.outputs, failures=(str(error),))
        return stored

    def _outputs(self, call: Call, inputs: Tree, live: pb.App, before: Tree, owner: str | None) -> Tree:
        result = _with_urls(call, inputs)
        if result.get("publicEndpoint") is None:
            # A stopped app has no ingress in its status: what it was is what it will be.
            result["publicEndpoint"] = live.status.ingress.public_url or before.get("publicEndpoint")
        result["creation"] = before.get("creation")
        if owner is not None:
            result["owner"] = owner
        return {key: value for key, value in result.items() if value is not None}


def _warn_of_another_address(call: Call, identifier: pb.Identifier, ours: object, theirs: str) -> None:
    # The platform's own settings say where its apps are; ours only foretell it.
    if not call.connection.control_plane.serves_public_urls and theirs and theirs != ours:
        call.warn(
            f"{_what(identifier)} is served at {theirs}, not at {ours}: correct flyte:baseDomain (with its port, where"
            " it has one) and flyte:scheme, as those who are wired to the app got the other URL"
        )


def _normal(tree: Tree) -> Tree:
    normal = normal_form(tree, _through, BESIDE)
    normal.setdefault("active", True)
    for key in ("secretVersions",):
        if not normal.get(key):
            normal.pop(key, None)
    return normal


def _through(work: Tree) -> Tree:
    return wire.read(wire.write(AppInputs.model_validate({**work, "name": "any"}), None, Placeholders())).inputs


def _identity(tree: Tree) -> tuple[object, ...]:
    return tuple(tree.get(key) for key in ("project", "domain", "name"))


def _with_urls(call: Call, tree: Tree) -> Tree:
    """Return the properties with the app's URLs by this provider's settings, whatever the program computed."""
    plain = reveal(tree)
    name, target = plain["name"], call.connection.config.target(plain["project"], plain["domain"])
    urls = {
        "endpoint": names.app_endpoint(name, target),
        "publicEndpoint": names.public_app_endpoint(name, target),
        "consoleUrl": names.console_url("apps", name, target),
    }
    return {key: value for key, value in {**tree, **urls}.items() if value is not None}


def _identifier(app: AppInputs) -> pb.Identifier:
    return pb.Identifier(org=app.org or "", project=app.project or "", domain=app.domain or "", name=app.name)


def _id(identifier: pb.Identifier) -> str:
    return f"{identifier.project}/{identifier.domain}/{identifier.name}"


def _id_of(plain: Tree) -> str:
    return f"{plain['project']}/{plain['domain']}/{plain['name']}"


def _what(identifier: pb.Identifier) -> str:
    return f"the app {_id(identifier)}"


def _get(call: Call, identifier: pb.Identifier) -> pb.App | None:
    apps, request = call.connection.apps, GetRequest(app_id=identifier)
    found = optional(lambda: call.connection.call(apps.get, request, what=f"looking up {_what(identifier)}"))
    return None if found is None else found.app


def _get_now(call: Call, identifier: pb.Identifier) -> pb.App | None:
    """Before a change: Get may tell of a state that is past, and whoever takes that for the present misjudges what
    comes after the change."""
    found = _get(call, identifier)
    if found is None or call.connection.control_plane.settles_at_once:
        return found
    _require_same_identity(found, identifier)
    return optional(lambda: readiness.look(call, identifier))


def _require_same_identity(live: pb.App, identifier: pb.Identifier) -> None:
    # Flyte OSS answers with another app where both have one service name (flyteorg/flyte app_client.go).
    found = live.metadata.id
    if (found.project, found.domain, found.name) != (identifier.project, identifier.domain, identifier.name):
        raise ProviderError(
            f"{_what(identifier)} would take the service name of the app {_id(found)}: choose another name"
        )


def _headers(call: Call, identifier: pb.Identifier) -> dict[str, str]:
    at = identifier.project, identifier.domain, identifier.name
    return call.connection.control_plane.workload_headers("app", *at)


def _former_mark(live: pb.App | None) -> Mark:
    mark = wire.read(live.spec).mark if live is not None else None
    return mark if mark is not None else Mark(owner="")


def _send(call: Call, identifier: pb.Identifier, spec: pb.Spec, live: pb.App | None) -> pb.App:
    if live is None:
        return _send_create(call, identifier, spec)
    return _send_update(call, identifier, spec, live)


def _send_create(call: Call, identifier: pb.Identifier, spec: pb.Spec) -> pb.App:
    request = CreateRequest(app=pb.App(metadata=pb.Meta(id=identifier), spec=spec))
    what = f"deploying {_what(identifier)}"
    limit = call.connection.control_plane.deploy_timeout(spec.container.image)
    headers = _headers(call, identifier)
    answer = call.connection.call(call.connection.apps.create, request, what=what, headers=headers, timeout=limit)
    _require_same_identity(answer.app, identifier)
    return answer.app


def _send_update(call: Call, identifier: pb.Identifier, spec: pb.Spec, live: pb.App) -> pb.App:
    if live.spec.HasField("creator"):
        spec.creator.CopyFrom(live.spec.creator)
    metadata = pb.Meta(id=identifier, revision=live.metadata.revision)
    request = UpdateRequest(app=pb.App(metadata=metadata, spec=spec), reason="pulumi up")
    what = f"updating {_what(identifier)}"
    limit = call.connection.control_plane.deploy_timeout(spec.container.image)
    headers = _headers(call, identifier)
    answer = call.connection.call(call.connection.apps.update, request, what=what, headers=headers, timeout=limit)
    return answer.app


def _send_stop(call: Call, identifier: pb.Identifier, spec: pb.Spec, live: pb.App) -> pb.App:
    stopped = pb.Spec()
    stopped.CopyFrom(spec)
    stopped.desired_state = pb.Spec.DESIRED_STATE_STOPPED
    return _send_update(call, identifier, stopped, live)


def _same_spec(new: pb.Spec, live: pb.Spec) -> bool:
    left, right = pb.Spec(), pb.Spec()
    left.CopyFrom(new)
    right.CopyFrom(live)
    for spec in (left, right):
        for name in ("desired_state", "creator", "runtime_metadata"):
            spec.ClearField(name)
    return bool(left == right)
