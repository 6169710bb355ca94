"""The life of a trigger. Deploying is an upsert without a lock (revision 0), so we look first."""

from __future__ import annotations

from flyteidl2.common.identifier_pb2 import TriggerName
from flyteidl2.task.task_definition_pb2 import TaskIdentifier
from flyteidl2.trigger.trigger_definition_pb2 import TriggerDetails
from flyteidl2.trigger.trigger_service_pb2 import (
    DeleteTriggersRequest,
    DeployTriggerRequest,
    GetTriggerDetailsRequest,
)
from pulumi_flyte.problems import Problems

from pulumi_flyte_provider.flyte_api.connection import optional
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.ownership.mark import Mark, new_creation
from pulumi_flyte_provider.properties.codec import Tree, conceal, has_unknown, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.normal_form import keep_spelling, normal_form
from pulumi_flyte_provider.properties.shape import examine, parse
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.resource import Call, Stored, is_import
from pulumi_flyte_provider.resources.task import references as pins
from pulumi_flyte_provider.resources.trigger import wire
from pulumi_flyte_provider.resources.trigger.shape import TriggerInputs, check_together

BESIDE = frozenset({"name", "task", "project", "domain", "org", "instance", "adopt"})
IDENTITY = ("name", "task", "project", "domain", "org")


class TriggerResource:
    """`flyte:api:Trigger`."""

    token = "flyte:api:Trigger"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules, and the scope."""
        check_together(examine(TriggerInputs, news, problems), problems)
        filled = scope.fill(call, news)
        scope.check_domain(call, filled["domain"], problems)
        if not problems and scope.is_known(filled, *IDENTITY):
            identity = _id(parse_identity(reveal(filled)))
            other = call.claims.claim(self.token, identity, call.urn.text, repr(call.urn.name))
            if other is not None:
                problems.add("name", f"another resource ({other}) declares the trigger {identity} already")
        return filled

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Another task is another trigger."""
        before, after = _normal(inputs), _normal(news)
        same = all(before.get(key) == after.get(key) for key in ("name", "task", "project", "domain"))
        return Difference(compare(before, after, replacing=IDENTITY, ignoring=("adopt",)), delete_first=same)

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """All of it is known."""
        if not has_unknown(news):
            self._foresee(call, parse(TriggerInputs, reveal(news)), outputs)
        return {**news, "owner": call.owner}

    def create(self, call: Call, news: Tree) -> Stored:
        """Looks before it deploys."""
        trigger = parse(TriggerInputs, reveal(news))
        name = _name(trigger)
        scope.require_project(call, name.project, name.domain, name.org)
        self._require_free(call, trigger, _get(call, name))
        pins.require(call, _what(name), [_task(trigger)])
        return self._deploy(call, news, trigger, new_creation())

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """The live trigger as inputs."""
        before = reveal(inputs)
        project, domain, task, name = scope.split_id(self.token, id, "project", "domain", "task", "trigger")
        org = before.get("org") or call.connection.config.org
        identity = TriggerName(org=org, project=project, domain=domain, task_name=task, name=name)
        live = _get(call, identity)
        if live is None:
            return None
        found = wire.read(live)
        if is_import(inputs, outputs):
            takeover.require_importable(_what(identity), found.mark.owner if found.mark else None, call.owner)
        restored = {**found.inputs, "name": name, "task": task, "project": project, "domain": domain, "org": org}
        for key in ("instance", "adopt"):
            if before.get(key) is not None:
                restored[key] = before[key]
        kept = conceal(keep_spelling(restored, before, _normal, BESIDE), inputs)
        creation = (found.mark.creation if found.mark else None) or outputs.get("creation")
        return Stored(id, _outputs(kept, takeover.recorded_owner(outputs, found.mark, call.owner), creation), kept)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """Deploys it again."""
        trigger = parse(TriggerInputs, reveal(news))
        self._require_ours(call, trigger, _get(call, _name(trigger)), outputs)
        pins.require(call, _what(_name(trigger)), [_task(trigger)])
        return self._deploy(call, news, trigger, outputs.get("creation"))

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """A deleted trigger fires no more; one that is gone, or taken over, is fine."""
        call = call.over(call.connection.for_deletes())
        project, domain, task, name = scope.split_id(self.token, id, "project", "domain", "task", "trigger")
        org = reveal(outputs).get("org") or call.connection.config.org
        identity = TriggerName(org=org, project=project, domain=domain, task_name=task, name=name)
        live = _get(call, identity)
        mark = wire.read(live).mark if live is not None else None
        if takeover.is_another_creation(mark, outputs.get("creation")):
            call.leave(_what(identity), takeover.MADE_ANEW)
            return
        if live is None or takeover.is_foreign(mark, outputs.get("owner"), call.owner):
            return
        delete, request = call.connection.triggers.delete_triggers, DeleteTriggersRequest(names=[identity])
        optional(lambda: call.connection.call(delete, request, what=f"deleting {_what(identity)}"))

    def _foresee(self, call: Call, trigger: TriggerInputs, outputs: Tree | None) -> None:
        """Say in a preview what `up` would refuse, where the platform can be asked."""
        name = _name(trigger)
        live = call.look(lambda: _get(call, name))
        if outputs is None:
            scope.foresee_project(call, name.project, name.domain, name.org)
            self._require_free(call, trigger, live)
        else:
            self._require_ours(call, trigger, live, outputs)
        pins.require_in_preview(call, _what(name), [_task(trigger)])

    def _require_free(self, call: Call, trigger: TriggerInputs, live: TriggerDetails | None) -> None:
        if live is not None:
            name, mark = _name(trigger), wire.read(live).mark
            takeover.require_free(_what(name), self.token, _id(name), mark, call.owner, adopt=bool(trigger.adopt))

    def _require_ours(self, call: Call, trigger: TriggerInputs, live: TriggerDetails | None, outputs: Tree) -> None:
        if live is not None:
            mark, recorded = wire.read(live).mark, reveal(outputs).get("owner")
            takeover.require_ours(_what(_name(trigger)), mark, recorded, call.owner, adopt=bool(trigger.adopt))

    def _deploy(self, call: Call, news: Tree, trigger: TriggerInputs, creation: str | None) -> Stored:
        name = _name(trigger)
        request = DeployTriggerRequest(
            name=name,
            spec=wire.spec(trigger, Mark(owner=call.owner, creation=creation)),
            automation_spec=wire.automation(trigger),
        )
        call.connection.call(call.connection.triggers.deploy_trigger, request, what=f"deploying {_what(name)}")
        return Stored(_id(name), _outputs(news, call.owner, creation))


def _outputs(inputs: Tree, owner: str | None, creation: str | None) -> Tree:
    recorded = {"owner": owner, "creation": creation}
    return {**inputs, **{key: value for key, value in recorded.items() if value is not None}}


def _normal(tree: Tree) -> Tree:
    return normal_form(tree, _through, BESIDE)


def _through(work: Tree) -> Tree:
    trigger = TriggerInputs.model_validate({"taskVersion": "any", **work, "name": "any", "task": "any"})
    live = TriggerDetails(spec=wire.spec(trigger, None), automation_spec=wire.automation(trigger))
    found = wire.read(live).inputs
    return {key: value for key, value in found.items() if key != "taskVersion" or "taskVersion" in work}


def parse_identity(plain: Tree) -> TriggerName:
    """The name of a trigger whose inputs have passed Check."""
    return TriggerName(
        org=plain["org"],
        project=plain["project"],
        domain=plain["domain"],
        task_name=plain["task"],
        name=plain["name"],
    )


def _name(trigger: TriggerInputs) -> TriggerName:
    return parse_identity(trigger.model_dump(by_alias=True))


def _task(trigger: TriggerInputs) -> TaskIdentifier:
    """Return the version of the task that the trigger runs."""
    name = _name(trigger)
    return TaskIdentifier(
        org=name.org, project=name.project, domain=name.domain, name=name.task_name, version=trigger.task_version
    )


def _id(name: TriggerName) -> str:
    return f"{name.project}/{name.domain}/{name.task_name}/{name.name}"


def _what(name: TriggerName) -> str:
    return f"the trigger {_id(name)}"


def _get(call: Call, name: TriggerName) -> TriggerDetails | None:
    get, request = call.connection.triggers.get_trigger_details, GetTriggerDetailsRequest(name=name)
    found = optional(lambda: call.connection.call(get, request, what=f"looking up {_what(name)}"))
    if found is None or found.trigger.status.HasField("deleted_at"):
        return None
    return found.trigger
