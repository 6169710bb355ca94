"""Runs and their actions in the store.

kind          key                  body
run           project/domain/run   RunSpec
action        …/run/action         ActionDetails without its task specification: rewritten at every change
action-spec   …/run/action         TaskSpec, written once
action-plan   …/run/action         Plan as JSON, rewritten only if the action turns out to be cached
action-live   …/run/action         the parent's name: exists until the action has ended
process       …/run/action         the running process, as JSON
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from flyteidl2.common.identifier_pb2 import ActionIdentifier, RunIdentifier
from flyteidl2.task.run_pb2 import RunSpec
from flyteidl2.task.task_definition_pb2 import TaskSpec
from flyteidl2.workflow.run_definition_pb2 import Action, ActionDetails, Run

from flyte_local.home import Home
from flyte_local.processes.process import ProcessRecord
from flyte_local.runs.phases import is_terminal
from flyte_local.state.notices import Notices
from flyte_local.state.store import Store
from flyte_local.wire.identifiers import action_key, not_found, run_key

ROOT = "a0"


@dataclass(frozen=True)
class Plan:
    """The facts that running an action needs beside its specification. URIs are Flyte's, times ISO 8601."""

    inputs: str
    base: str
    interpreter: str = ""
    run_start: str = ""
    cache_key: str = ""
    outputs: str = ""


class Records:
    """Reads and writes runs and actions; every write is published under the action's key."""

    def __init__(self, home: Home, store: Store, notices: Notices) -> None:
        self._store = store
        self._runs = home.runs
        self._notices = notices

    def folder(self, key: str) -> Path:
        """Return a run's or an action's folder on this machine."""
        return self._runs.joinpath(*key.split("/"))

    def attempt_folder(self, key: str, attempt: int) -> Path:
        """Return the folder of one attempt: outputs, log, working folder."""
        return self.folder(key) / str(attempt)

    def run_spec(self, key: str) -> RunSpec | None:
        """Return a run's specification, or None if there is no such run."""
        return self._store.read("run", key, RunSpec.FromString)

    def action(self, key: str) -> ActionDetails | None:
        """Return an action without its task specification."""
        return self._store.read("action", key, ActionDetails.FromString)

    def existing(self, identifier: ActionIdentifier) -> ActionDetails:
        """Return an action without its task specification. Raises NOT_FOUND if it does not exist."""
        details = self.action(action_key(identifier))
        if details is None:
            run = f"run {identifier.run.name!r}"
            action = run if identifier.name == ROOT else f"action {identifier.name!r} of {run}"
            raise not_found(f"{action} does not exist")
        return details

    def details(self, identifier: ActionIdentifier) -> ActionDetails:
        """Return an action with its task specification. Raises NOT_FOUND if it does not exist."""
        details = self.existing(identifier)
        if (body := self._store.get("action-spec", action_key(identifier))) is not None:
            details.task.MergeFromString(body)
        return details

    def spec(self, key: str) -> TaskSpec | None:
        """Return an action's task specification."""
        return self._store.read("action-spec", key, TaskSpec.FromString)

    def plan(self, key: str) -> Plan | None:
        """Return an action's plan; None for conditions and unknown actions."""
        return self._store.read("action-plan", key, lambda body: Plan(**json.loads(body)))

    def create(
        self, details: ActionDetails, plan: Plan | None, spec: TaskSpec | None = None, run: RunSpec | None = None
    ) -> None:
        """Write a new action, and a new run if `run` is given."""
        key = action_key(details.id)
        with self._store.transaction():
            if run is not None:
                self._store.put("run", run_key(details.id.run), run.SerializeToString())
            if spec is not None:
                self._store.put("action-spec", key, spec.SerializeToString())
            if plan is not None:
                self._store.put("action-plan", key, json.dumps(asdict(plan)).encode())
            self.save(details)

    def save(self, details: ActionDetails) -> None:
        """Write an action's new state."""
        key = action_key(details.id)
        with self._store.transaction():
            self._store.put("action", key, details.SerializeToString())
            if is_terminal(details):
                self._store.delete("action-live", key)
                self._store.delete("process", key)
            else:
                self._store.put("action-live", key, details.metadata.parent.encode())
        self._notices.publish(key)

    def live(self, run: str | None = None) -> list[str]:
        """Return keys of the actions that have not ended, parents before children. `run` limits them to one run."""
        keys = [key for key, _ in self._store.list("action-live", f"{run}/" if run else "")]
        return sorted(keys, key=lambda key: self._store.created("action", key) or 0.0)

    def live_children(self, key: str) -> list[str]:
        """Return keys of an action's direct children that have not ended."""
        run, _, name = key.rpartition("/")
        return [child for child, parent in self._store.list("action-live", f"{run}/") if parent.decode() == name]

    def children(self, parent: ActionIdentifier) -> list[ActionDetails]:
        """Return every child of an action, oldest first."""
        return [a for a in self.actions(run_key(parent.run)) if a.metadata.parent == parent.name]

    def actions(self, run: str) -> list[ActionDetails]:
        """Return every action of the run with the key `run`, oldest first."""
        actions = [ActionDetails.FromString(body) for _, body in self._store.list("action", run + "/")]
        return sorted(actions, key=lambda a: a.status.start_time.ToNanoseconds())

    def runs(self, scope: str) -> list[tuple[str, Run]]:
        """Return keys and summaries of the runs whose key starts with `scope`, oldest first."""
        runs = []
        for key, body in self._store.list("run", scope):
            root = self.action(f"{key}/{ROOT}")
            if root is not None:
                runs.append((key, summary(root, RunSpec.FromString(body))))
        return sorted(runs, key=lambda pair: pair[1].action.status.start_time.ToNanoseconds())

    def set_plan(self, key: str, plan: Plan) -> None:
        """Replace an action's plan."""
        self._store.put("action-plan", key, json.dumps(asdict(plan)).encode())

    def forget(self, run: str) -> None:
        """Delete a run that has ended, with the records of its actions. The caller deletes the files."""
        with self._store.transaction():
            self._store.delete("run", run)
            for kind in ("action", "action-spec", "action-plan"):
                for key, _ in self._store.list(kind, run + "/"):
                    self._store.delete(kind, key)

    def set_process(self, key: str, process: ProcessRecord) -> None:
        """Record the process that runs an action."""
        self._store.put("process", key, process.to_bytes())

    def process(self, key: str) -> ProcessRecord | None:
        """Return the process that was last started for an action that has not ended."""
        return self._store.read("process", key, ProcessRecord.from_bytes)


def action_of(details: ActionDetails) -> Action:
    """Return the short form of an action."""
    return Action(id=details.id, metadata=details.metadata, status=details.status)


def summary(root: ActionDetails, spec: RunSpec) -> Run:
    """Return the short form of a run."""
    return Run(action=action_of(root), labels=spec.labels.values)


def root_of(run: RunIdentifier) -> ActionIdentifier:
    """Return a run's root action."""
    return ActionIdentifier(run=run, name=ROOT)


def outputs_uri(details: ActionDetails, recorded: str) -> str:
    """Return the location of an action's outputs: the recorded one (traces, cached results), or its last attempt's."""
    if recorded:
        return recorded
    return details.attempts[-1].outputs.output_uri if details.attempts else ""
