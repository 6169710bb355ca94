"""The life of a task. Flyte keeps every version for ever (flyteorg/flyte has no delete), so destroying forgets the
task and an identical version is adopted by the next `up`; deploying a version again overwrites it silently, so we look
first. Deploying names no triggers: then Flyte prunes none (flyteorg/flyte `taskservice`)."""

from __future__ import annotations

from flyteidl2.task import task_definition_pb2 as pb
from flyteidl2.task.task_service_pb2 import DeployTaskRequest
from pulumi_flyte.naming import names
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.flyte_api import bundles
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark
from pulumi_flyte_provider.properties import placeholders
from pulumi_flyte_provider.properties.codec import UNKNOWN, Tree, conceal, has_unknown, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.normal_form import keep_spelling, normal_form
from pulumi_flyte_provider.properties.placeholders import Placeholders
from pulumi_flyte_provider.properties.shape import examine, parse
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.resource import Call, Stored
from pulumi_flyte_provider.resources.task import lookup, wire
from pulumi_flyte_provider.resources.task import references as pins
from pulumi_flyte_provider.resources.task.shape import TaskInputs, check_together

BESIDE = frozenset({"name", "version", "project", "domain", "org", "bundle", "consoleUrl", "instance", "adopt"})
IDENTITY = ("name", "project", "domain", "org")


class TaskResource:
    """`flyte:api:Task`."""

    token = "flyte:api:Task"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules, and the scope."""
        check_together(examine(TaskInputs, news, problems), problems)
        filled = scope.fill(call, news)
        scope.check_domain(call, filled["domain"], problems)
        if not problems and scope.is_known(filled, *IDENTITY):
            identity = _id(reveal(filled))
            other = call.claims.claim(self.token, identity, call.urn.text, repr(call.urn.name))
            if other is not None:
                problems.add("name", f"another resource ({other}) declares the task {identity} already")
            filled["consoleUrl"] = _console_url(call, filled)
        return filled

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """A new version is an update; another name is another task."""
        if inputs == news:  # the usual case, without normalising both sides
            return Difference(())
        before, after = normal(inputs), normal(news)
        return Difference(compare(before, after, replacing=IDENTITY, ignoring=("adopt", "consoleUrl")))

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """All of it is known."""
        known = scope.is_known(news, *IDENTITY)
        if known and not has_unknown(news):
            self._foresee(call, parse(TaskInputs, reveal(news)), news, outputs)
        return {**news, "owner": call.owner, "consoleUrl": _console_url(call, news) if known else UNKNOWN}

    def create(self, call: Call, news: Tree) -> Stored:
        """Looks at the version and at the latest one before it deploys."""
        task = parse(TaskInputs, reveal(news))
        identifier = _identifier(task, task.version)
        scope.require_project(call, identifier.project, identifier.domain, identifier.org)
        live = lookup.version(call, identifier)
        self._require_free(call, task, news, live, lookup.latest(call, identifier))
        pins.require(call, lookup.title(identifier), pins.wired_tasks(news, identifier.org))
        return self._deploy(call, news, task, identifier, live)

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """The recorded version, or for an import the one in the id, or the latest."""
        path, _, wanted = id.partition("@")
        project, domain, name = scope.split_id(self.token, path, "project", "domain", "name")
        before = reveal(inputs)
        org = before.get("org") or call.connection.config.org
        identifier = pb.TaskIdentifier(org=org, project=project, domain=domain, name=name)
        identifier.version = wanted or before.get("version") or ""
        live = lookup.version(call, identifier) if identifier.version else lookup.latest(call, identifier)
        if live is None:
            return None
        found = wire.read(live.spec)
        bundle = found.mark.bundle if found.mark else None
        version = live.task_id.version or identifier.version
        restored: Tree = placeholders.restore(found.inputs, before, bundle=bundle, version=version)
        restored.update({"name": name, "project": project, "domain": domain, "org": org, "version": version})
        if bundle is not None:
            restored["bundle"] = bundle
        for key in ("instance", "adopt"):
            if before.get(key) is not None:
                restored[key] = before[key]
        restored["consoleUrl"] = _console_url(call, restored)
        kept = conceal(keep_spelling(restored, before, normal, BESIDE), inputs)
        # A task may be read whoever deploys it: Delete leaves it alone, and Update asks whose it is.
        recorded = takeover.recorded_owner(outputs, found.mark, call.owner)
        result = {**kept, "owner": recorded}
        return Stored(path, {key: value for key, value in result.items() if value is not None}, kept)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """Deploys the new version."""
        task = parse(TaskInputs, reveal(news))
        identifier = _identifier(task, task.version)
        live = lookup.version(call, identifier)
        self._require_ours(call, task, live, outputs)
        pins.require(call, lookup.title(identifier), pins.wired_tasks(news, identifier.org))
        return self._deploy(call, news, task, identifier, live)

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """Flyte has no delete for tasks: the versions stay, as runs that refer to them do."""

    def _foresee(self, call: Call, task: TaskInputs, news: Tree, outputs: Tree | None) -> None:
        """Say in a preview what `up` would refuse, where the platform can be asked."""
        identifier = _identifier(task, task.version)
        live = call.look(lambda: lookup.version(call, identifier))
        if outputs is None:
            scope.foresee_project(call, identifier.project, identifier.domain, identifier.org)
            self._require_free(call, task, news, live, call.look(lambda: lookup.latest(call, identifier)))
        else:
            call.look(lambda: self._require_ours(call, task, live, outputs))
        pins.require_in_preview(call, lookup.title(identifier), pins.wired_tasks(news, identifier.org))
        pins.record(call, identifier)

    def _require_free(
        self, call: Call, task: TaskInputs, news: Tree, live: pb.TaskDetails | None, latest: pb.TaskDetails | None
    ) -> None:
        if (live is None and latest is None) or (live is not None and _unmarked_equal(live, news)):
            return
        identifier, mark = _identifier(task, task.version), _deciding_mark(live, latest)
        what, adopt = lookup.title(identifier), bool(task.adopt) or _of_this_stack(mark, call)
        takeover.require_free(what, self.token, lookup.path(identifier), mark, call.owner, adopt=adopt)

    def _require_ours(self, call: Call, task: TaskInputs, live: pb.TaskDetails | None, outputs: Tree) -> None:
        if live is None:
            return
        identifier = _identifier(task, task.version)
        mark = _deciding_mark(live, lookup.latest(call, identifier))
        what, adopt = lookup.title(identifier), bool(task.adopt) or _of_this_stack(mark, call)
        takeover.require_ours(what, mark, reveal(outputs).get("owner"), call.owner, adopt=adopt)

    def _deploy(
        self, call: Call, news: Tree, task: TaskInputs, identifier: pb.TaskIdentifier, live: pb.TaskDetails | None
    ) -> Stored:
        url = None
        if task.bundle is not None:
            url = bundles.upload(call.connection, identifier.project, identifier.domain, identifier.org, task.bundle)
        mark = Mark(owner=call.owner, bundle=task.bundle)
        spec = wire.write(task, mark, Placeholders(bundle_url=url, version=task.version))
        headers = _headers(call, identifier)
        # Without an interpreter to hand over, an equal spec needs no deployment.
        if live is None or live.spec != spec or headers:
            request = DeployTaskRequest(task_id=identifier, spec=spec)
            deploy = call.connection.tasks.deploy_task
            limit = call.connection.control_plane.deploy_timeout(spec.task_template.container.image)
            what = f"deploying {lookup.title(identifier)}"
            call.connection.call(deploy, request, what=what, headers=headers, timeout=limit)
        pins.record(call, identifier)
        return Stored(lookup.path(identifier), {**news, "consoleUrl": _console_url(call, news), "owner": call.owner})


def normal(tree: Tree) -> Tree:
    """The normal form."""
    return normal_form(tree, _through, BESIDE)


def _through(work: Tree) -> Tree:
    task = TaskInputs.model_validate({**work, "name": "any", "version": "any"})
    return wire.read(wire.write(task, None, Placeholders())).inputs


def _unmarked_equal(live: pb.TaskDetails, news: Tree) -> bool:
    """Whether somebody deployed, without a mark, exactly what is declared."""
    found = wire.read(live.spec)
    wanted = {key: value for key, value in normal(news).items() if key not in BESIDE}
    version = live.task_id.version
    restored = placeholders.restore(found.inputs, reveal(news), bundle=reveal(news).get("bundle"), version=version)
    return found.mark is None and not compare(normal(restored), wanted)


def _deciding_mark(live: pb.TaskDetails | None, latest: pb.TaskDetails | None) -> Mark | None:
    """Return the mark that says whose a task is: that of its latest version, or of the version that is deployed.

    A version that was deployed before the stack was renamed keeps the former owner's mark.
    """
    marks = [wire.read(version.spec).mark for version in (latest, live) if version is not None]
    return next((mark for mark in marks if mark is not None), None)


def _of_this_stack(mark: Mark | None, call: Call) -> bool:
    """A task outlives its resource: what another resource of this stack once deployed is free."""
    return mark is not None and takeover.same_stack(mark.owner, call.owner)


def _console_url(call: Call, tree: Tree) -> str:
    plain = reveal(tree)
    target = call.connection.config.target(plain["project"], plain["domain"])
    return names.console_url("tasks", plain["name"], target)


def _identifier(task: TaskInputs, version: str) -> pb.TaskIdentifier:
    return pb.TaskIdentifier(
        org=task.org or "", project=task.project or "", domain=task.domain or "", name=task.name, version=version
    )


def _id(plain: Tree) -> str:
    return f"{plain['project']}/{plain['domain']}/{plain['name']}"


def _headers(call: Call, identifier: pb.TaskIdentifier) -> dict[str, str]:
    at = identifier.project, identifier.domain, identifier.name
    return call.connection.control_plane.workload_headers("task", *at)
