"""`flyte:api:Project`. Flyte cannot delete a project: destroying archives it, and creating again brings it back."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from flyteidl2.project import project_service_pb2 as pb
from flyteidl2.task.run_pb2 import Labels
from pulumi_flyte.problems import Problems
from pydantic import Strict

from pulumi_flyte_provider.errors import OwnershipError
from pulumi_flyte_provider.flyte_api.connection import optional
from pulumi_flyte_provider.ownership import takeover
from pulumi_flyte_provider.properties.codec import Tree, conceal, has_unknown, reveal
from pulumi_flyte_provider.properties.difference import Difference, compare
from pulumi_flyte_provider.properties.shape import (
    Bool,
    Scope,
    Shape,
    Text,
    Whole,
    at_most,
    examine,
    optional_field,
    parse,
    required_field,
)
from pulumi_flyte_provider.resources import scope
from pulumi_flyte_provider.resources.resource import Call, Stored, given, is_import

OWNER_LABEL = "pulumi-flyte-owner"


class ProjectInputs(Shape):
    """A Flyte project."""

    name: Scope = required_field("The project's id.")
    org: Text | None = optional_field("The organisation; by default the provider's.")
    display_name: Text | None = optional_field("What people call it; by default its id.")
    description: Annotated[str, Strict(), at_most(300, "a description")] | None = optional_field("A short text.")
    labels: dict[str, Text] | None = optional_field("Labels.")
    instance: Whole | None = optional_field("The local server's epoch: another one makes the project again.")
    adopt: Bool | None = optional_field("Take over a project that exists and is not this resource's.")


class ProjectResource:
    """`flyte:api:Project`."""

    token = "flyte:api:Project"

    def check(self, call: Call, news: Tree, problems: Problems) -> Tree:
        """Rules, and the organisation."""
        revealed = examine(ProjectInputs, news, problems)
        if OWNER_LABEL in (revealed.get("labels") or {}):
            problems.add(f"labels.{OWNER_LABEL}", "the provider sets this label itself")
        filled = {**news, "org": news.get("org") if news.get("org") is not None else call.connection.config.org}
        if not problems and scope.is_known(revealed, "name"):
            other = call.claims.claim(self.token, revealed["name"], call.urn.text, repr(call.urn.name))
            if other is not None:
                problems.add("name", f"another resource ({other}) declares the project {revealed['name']!r} already")
        return filled

    def diff(self, call: Call, inputs: Tree, outputs: Tree, news: Tree) -> Difference:
        """Another id is another project."""
        before, after = _normal(inputs), _normal(news)
        same = before.get("name") == after.get("name")
        return Difference(compare(before, after, replacing=("name", "org"), ignoring=("adopt",)), delete_first=same)

    def preview(self, call: Call, news: Tree, outputs: Tree | None) -> Tree:
        """All of it is known."""
        if not has_unknown(news):
            project = parse(ProjectInputs, reveal(news))
            live = call.look(lambda: _get(call, project.name, project.org or ""))
            if outputs is None:
                self._require_free(call, project, live)
            else:
                self._require_ours(call, project, live, outputs)
        return {**news, "owner": call.owner}

    def create(self, call: Call, news: Tree) -> Stored:
        """An archived project of ours (or that nobody owns) comes back."""
        project = parse(ProjectInputs, reveal(news))
        live = _get(call, project.name, project.org or "")
        if live is None:
            request = pb.CreateProjectRequest(project=_message(project, call.owner))
            call.connection.call(
                call.connection.projects.create_project, request, what=f"creating {_what(project.name)}"
            )
        else:
            self._require_free(call, project, live)
            self._put(call, project)
        return Stored(project.name, {**news, "owner": call.owner})

    def read(self, call: Call, id: str, inputs: Tree, outputs: Tree) -> Stored | None:
        """An archived project counts as gone."""
        before = reveal(inputs)
        org = before.get("org") or call.connection.config.org
        live = _get(call, id, org)
        if live is None or live.state in (pb.PROJECT_STATE_ARCHIVED, pb.PROJECT_STATE_SYSTEM_ARCHIVED):
            return None
        if is_import(inputs, outputs) and _is_foreign(call, live, outputs):
            takeover.require_importable(_what(id), _label(live), call.owner)
        labels = {key: value for key, value in live.labels.values.items() if key != OWNER_LABEL}
        found: Tree = given(
            {
                "name": id,
                "org": org,
                "displayName": None if live.name in ("", id) and "displayName" not in before else live.name or id,
                "description": live.description or None,
                "labels": labels or None,
                "instance": before.get("instance"),
                "adopt": before.get("adopt"),
            }
        )
        kept = conceal(found, inputs)
        return Stored(id, {**outputs, **kept}, kept)

    def update(self, call: Call, id: str, inputs: Tree, outputs: Tree, news: Tree) -> Stored:
        """A full replacement; a project that vanished is made again."""
        project = parse(ProjectInputs, reveal(news))
        live = _get(call, project.name, project.org or "")
        if live is None:
            return self.create(call, news)
        self._require_ours(call, project, live, outputs)
        self._put(call, project)
        return Stored(id, {**news, "owner": call.owner})

    def delete(self, call: Call, id: str, outputs: Tree) -> None:
        """Archives."""
        call = call.over(call.connection.for_deletes())
        org = reveal(outputs).get("org") or call.connection.config.org
        live = _get(call, id, org)
        if live is None:
            return
        if _is_foreign(call, live, outputs):
            call.warn(f"{_what(id)} has been taken over by {_label(live)}: it is forgotten here, not archived")
            return
        live.state = pb.PROJECT_STATE_ARCHIVED
        live.ClearField("domains")
        request = pb.UpdateProjectRequest(project=live)
        update = call.connection.projects.update_project
        optional(lambda: call.connection.call(update, request, what=f"archiving {_what(id)}"))

    def _require_free(self, call: Call, project: ProjectInputs, live: pb.Project | None) -> None:
        if live is None or project.adopt:
            return
        label = _label(live)
        archived = live.state == pb.PROJECT_STATE_ARCHIVED
        if label == label_value(call.owner) or (archived and not label):
            return
        what = _what(project.name)
        if not label:
            raise OwnershipError(takeover.collision(what, self.token, project.name, None, call.owner))
        raise OwnershipError(
            takeover.with_ways(
                f"{what} is managed by {label} (Pulumi project, stack and resource)",
                "if that resource was renamed or moved to another parent, name it in `aliases`",
                "or choose another name",
                takeover.BY_NAME,
                "adopt=true would take it away from that resource",
            )
        )

    def _require_ours(self, call: Call, project: ProjectInputs, live: pb.Project | None, outputs: Tree) -> None:
        if live is not None and not project.adopt and _is_foreign(call, live, outputs):
            raise OwnershipError(
                f"{_what(project.name)} has been taken over by {_label(live)}: remove it from this stack with"
                " `pulumi state delete`, or declare it with adopt=true to take it back"
            )

    def _put(self, call: Call, project: ProjectInputs) -> None:
        request = pb.UpdateProjectRequest(project=_message(project, call.owner))
        call.connection.call(call.connection.projects.update_project, request, what=f"updating {_what(project.name)}")


def label_value(owner: str) -> str:
    """The owner as a label's value, which Kubernetes limits to 63 characters of `[-._A-Za-z0-9]`.

    A person reads its end; the digest makes it one owner's, whatever had to be cut off or written otherwise.
    """
    text = re.sub(r"[^-._A-Za-z0-9]", ".", owner)[-50:].lstrip("-._")
    return f"{text}-{hashlib.sha256(owner.encode()).hexdigest()[:12]}".lstrip("-")


def _label(live: pb.Project) -> str:
    return str(live.labels.values.get(OWNER_LABEL, ""))


def _is_foreign(call: Call, live: pb.Project, outputs: Tree) -> bool:
    """Whether another owner has appeared since we recorded ours. An imported project has none."""
    ours = {label_value(owner) for owner in (call.owner, reveal(outputs).get("owner")) if owner}
    return _label(live) not in {"", *ours}


def _message(project: ProjectInputs, owner: str) -> pb.Project:
    return pb.Project(
        id=project.name,
        name=project.display_name or project.name,
        description=project.description,
        labels=Labels(values={**(project.labels or {}), OWNER_LABEL: label_value(owner)}),
        state=pb.PROJECT_STATE_ACTIVE,
        org=project.org,
    )


def _normal(tree: Tree) -> Tree:
    normal = {key: value for key, value in reveal(tree).items() if value not in (None, {})}
    normal.setdefault("displayName", normal.get("name"))
    return normal


def _what(name: str) -> str:
    return f"the project {name!r}"


def _get(call: Call, name: str, org: str) -> pb.Project | None:
    get, request = call.connection.projects.get_project, pb.GetProjectRequest(id=name, org=org)
    found = optional(lambda: call.connection.call(get, request, what=f"looking up {_what(name)}"))
    return None if found is None else found.project
