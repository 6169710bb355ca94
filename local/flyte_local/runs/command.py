"""The command of an attempt, with its folder and its environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flyteidl2.core.security_pb2 import Secret
from flyteidl2.task.task_definition_pb2 import TaskSpec

from flyte_local.home import make_folder
from flyte_local.images.builder_task import builder_variables
from flyte_local.images.choice import Images
from flyte_local.processes.environment import TASK_PATH, flyte_environment, importing, with_image
from flyte_local.processes.process import Command
from flyte_local.runs.attempt import Attempt
from flyte_local.runs.logs import LOG
from flyte_local.runs.records import ROOT, Records
from flyte_local.secrets.redaction import run_workload
from flyte_local.secrets.vault import Vault, variable_of
from flyte_local.state.context import ORGANIZATION, Context
from flyte_local.state.data_files import uri
from flyte_local.tasks.containers import container_of
from flyte_local.tasks.raw_container import is_raw, recorded, stage_inputs
from flyte_local.tasks.templating import render
from flyte_local.wire.containers import command_of, variables_of


class CommandBuilder:
    """Prepares attempts: folders, files, secrets, and the command. Its methods may be called from any thread."""

    def __init__(self, context: Context, records: Records, images: Images, vault: Vault) -> None:
        self._context = context
        self._records = records
        self._images = images
        self._vault = vault

    def build(self, attempt: Attempt) -> Command:
        """Return the command of an attempt.

        Raises SecretError, CommandError or INVALID_ARGUMENT if it cannot be run.
        """
        action = attempt.action
        folder = make_folder(self._records.attempt_folder(action.key, attempt.number))
        work = make_folder(folder / "work")
        make_folder(attempt.outputs)
        container = container_of(action.spec.task_template)
        # Flyte's SDK builds the specification of a child from code alone. So the wiring of the run's root action is
        # added here for all its descendants. A child's own declarations take precedence.
        root = self._records.spec(f"{action.run}/{ROOT}") or action.spec
        python = action.plan.interpreter or self._context.python
        image = self._images.of_action(container.image, container_of(root.task_template).image, python)
        argv = [image.placed(part, work) for part in command_of(container)]
        environment = importing(self._environment(attempt, root, folder, image.python, image.lay_out(work)), TASK_PATH)
        if is_raw(container):
            staged = stage_inputs(container, action.plan.inputs, folder)
            argv = render(staged.argv(argv), staged.values)
            environment |= staged.environment(environment)
            argv = recorded(argv, folder, environment.get("PATH", ""))
        return Command(render(argv, _templates(attempt)), environment, work, folder / LOG)

    def _environment(
        self, attempt: Attempt, root: TaskSpec, folder: Path, python: str, variables: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the variables of the process. `root` is of the run's root action, `variables` are of the image."""
        action, run = attempt.action, attempt.action.details.id.run
        template = action.spec.task_template
        secrets: dict[str, Secret] = {}
        for source in (root.task_template, template):
            secrets.update({variable_of(secret): secret for secret in source.security_context.secrets})
        run_spec = self._records.run_spec(action.run)
        return {
            **with_image(flyte_environment(self._context, run.project, run.domain, python), variables),
            **builder_variables(template.id, self._context),
            "ACTION_NAME": action.details.id.name,
            "RUN_NAME": run.name,
            "_U_RUN_BASE": action.plan.base,
            "_F_PN": action.details.metadata.parent,
            "FLYTE_INTERNAL_EXECUTION_ID": run.name,
            "FLYTE_INTERNAL_TASK_PROJECT": template.id.project or run.project,
            "FLYTE_INTERNAL_TASK_DOMAIN": template.id.domain or run.domain,
            "FLYTE_INTERNAL_TASK_NAME": template.id.name,
            "FLYTE_INTERNAL_TASK_VERSION": template.id.version,
            "FLYTE_ATTEMPT_NUMBER": str(attempt.number - 1),
            "_U_ORG_NAME": ORGANIZATION,
            **variables_of(container_of(root.task_template)),
            **variables_of(container_of(template)),
            **{pair.key: pair.value for pair in (run_spec.envs.values if run_spec else ())},
            **self._vault.environment(
                secrets.values(), run.project, run.domain, folder / "secrets", workload=run_workload(action.run)
            ),
        }


def _templates(attempt: Attempt) -> dict[str, str]:
    outputs, plan, identifier = attempt.outputs, attempt.action.plan, attempt.action.details.id
    previous_checkpoints = outputs.parent / str(attempt.number - 1) / "checkpoints"
    return {
        "input": plan.inputs,
        "inputPrefix": plan.inputs.rpartition("/")[0],
        "outputPrefix": uri(outputs),
        "rawOutputDataPrefix": str(outputs / "data"),
        "checkpointOutputPrefix": str(outputs / "checkpoints"),
        "prevCheckpointPrefix": str(previous_checkpoints) if previous_checkpoints.exists() else "",
        "runName": identifier.run.name,
        "actionName": identifier.name,
        "runStartTime": plan.run_start,
    }
