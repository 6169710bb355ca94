"""Secrets, credentials and tasks on `kubernetes`, as a program registers them."""

from __future__ import annotations

import pulumi
import pytest
from pulumi_flyte import App, Environment, Secret, Task, TaskRef
from pulumi_flyte.testing import SecretValue

from tests.components.mocks.manifests import IMAGE, KUBERNETES, WITH_FLYTE, container_of, declared, manifest_of
from tests.components.mocks.registrations import Program, check_problems, problems_of


def environment() -> Environment:
    return Environment("env")


def secret_references(program: Program, app: str) -> dict[str, dict[str, str]]:
    """Return where an app reads each of its secrets."""
    deployment = manifest_of(program[f"kubernetes:apps/v1:Deployment {app}"])
    entries = container_of({"Deployment": deployment})["env"]
    return {each["name"]: each["valueFrom"]["secretKeyRef"] for each in entries if "valueFrom" in each}


def test_a_secret_has_no_name_of_its_own_and_cannot_be_changed_in_place() -> None:
    program = declared(lambda: Secret("API_KEY", environment=environment(), value="s3cret"))
    (secret,) = (each for each in program.resources if each.type == "kubernetes:core/v1:Secret")
    assert "name" not in secret.inputs["metadata"]
    assert secret.inputs["immutable"] is True
    assert isinstance(secret.inputs["stringData"], SecretValue)
    assert secret.name.startswith("api-key-")  # a name of Kubernetes begins with it


def test_its_readers_depend_on_it_and_others_do_not() -> None:
    def declare() -> None:
        where = environment()
        key = Secret("api-key", environment=where, value="s3cret")
        App("web", environment=where, image=IMAGE, secrets={"KEY": key})
        App("other", environment=where, image=IMAGE)

    program = declared(declare)
    assert secret_references(program, "web")["KEY"]["key"] == "value"
    holder = "kubernetes:core/v1:Secret api-key"
    assert holder in program["kubernetes:apps/v1:Deployment web"].depends_on
    assert holder not in program["kubernetes:apps/v1:Deployment other"].depends_on


def test_a_secret_that_others_keep_is_read_where_it_is() -> None:
    def declare() -> None:
        where = environment()
        password = Secret("db", environment=where, existing=True, entry="password")
        App("web", environment=where, image=IMAGE, secrets={"PASSWORD": password})

    program = declared(declare)
    assert secret_references(program, "web") == {"PASSWORD": {"name": "db", "key": "password"}}
    assert not [each for each in program.names if each.startswith("kubernetes:core/v1:Secret")]


def test_a_secret_is_in_flytes_store_too_where_tasks_read_it() -> None:
    program = declared(lambda: Secret("key", environment=environment(), value="s3cret"), WITH_FLYTE)
    assert {"kubernetes:core/v1:Secret key", "api:Secret key"} <= program.names
    assert "api:Secret key" not in declared(lambda: Secret("key", environment=environment(), value="s")).names


def guarded_pair() -> None:
    where = environment()
    backend = App("backend", environment=where, image=IMAGE, requires_auth=True)
    App("web", environment=where, image=IMAGE, inputs={"backend": backend})


def test_a_caller_has_a_credential_of_its_own_in_the_namespace() -> None:
    program = declared(guarded_pair)
    assert "FLYTE_CREDENTIAL_BACKEND" in secret_references(program, "web")
    credential = "kubernetes:core/v1:Secret web-calls-backend"
    assert credential in program["kubernetes:apps/v1:Deployment web"].depends_on
    # With new keys the callee rolls first, and takes both.
    assert "kubernetes:core/v1:Service backend" in program[credential].depends_on
    assert not [each for each in program.names if each.startswith("api:Secret")]


def test_an_app_refuses_strangers_by_itself() -> None:
    deployment = manifest_of(declared(guarded_pair)["kubernetes:apps/v1:Deployment backend"])
    (wiring,) = (
        each["value"] for each in container_of({"Deployment": deployment})["env"] if each["name"] == "FLYTE_WIRING"
    )
    assert '"enforced_by":"app"' in wiring


def starter_and_page() -> None:
    place = environment()
    App("starter", environment=place, image=IMAGE, inputs={"count": TaskRef("count")})
    App("page", environment=place, image=IMAGE)


def test_an_app_that_starts_tasks_shows_flyte_the_key_of_the_stack_and_no_other_app_has_it() -> None:
    program = declared(starter_and_page, {**WITH_FLYTE, "flyte:containerApiKey": "k3y"})
    assert "_UNION_EAGER_API_KEY" in secret_references(program, "starter")
    assert "_UNION_EAGER_API_KEY" not in secret_references(program, "page")
    assert "k3y" not in program["kubernetes:apps/v1:Deployment starter"].in_clear


def test_a_control_plane_that_only_the_program_names_is_shown_no_key() -> None:
    def declare() -> None:
        place = Environment("env", endpoint="dns:///other.example.com")
        App("starter", environment=place, image=IMAGE, inputs={"count": TaskRef("count")})

    program = declared(declare, {**WITH_FLYTE, "flyte:containerApiKey": "k3y"})
    assert "_UNION_EAGER_API_KEY" not in secret_references(program, "starter")
    assert "k3y" not in "".join(each.in_clear for each in program.resources)


def task() -> Task:
    return Task(
        "count",
        environment=environment(),
        image=IMAGE,
        command=["count"],
        interface={"inputs": {}, "outputs": {}},
    )


def test_a_task_needs_a_control_plane() -> None:
    check_problems(problems_of(task, KUBERNETES), {"environment": "flyte:endpoint"})
    assert "api:Task count" in declared(task, WITH_FLYTE).names


def test_a_task_gets_the_addresses_of_apps_within_the_cluster_and_is_let_in() -> None:
    def declare() -> None:
        where = environment()
        backend = App("backend", environment=where, image=IMAGE)
        Task(
            "count",
            environment=where,
            image=IMAGE,
            command=["count"],
            interface={"inputs": {}, "outputs": {}},
            inputs={"backend": backend},
        )

    program = declared(declare, WITH_FLYTE)
    variables = program["api:Task count"].inputs["env"]
    assert variables["BACKEND"] == "http://backend.shop-development.svc.cluster.local"
    policies = [each for each in program.names if each.startswith("kubernetes:networking.k8s.io/v1:NetworkPolicy ")]
    assert [each for each in policies if "count" in each], policies
    assert "kubernetes:core/v1:Service backend" in program["api:Task count"].depends_on


def test_dependents_wait_for_the_rollout() -> None:
    def declare() -> None:
        where = environment()
        backend = App("backend", environment=where, image=IMAGE)
        App("web", environment=where, image=IMAGE, inputs={"backend": backend})

    program = declared(declare)
    assert "kubernetes:apps/v1:Deployment backend" in program["kubernetes:core/v1:Service backend"].depends_on
    assert "kubernetes:core/v1:Service backend" in program["kubernetes:apps/v1:Deployment web"].depends_on


@pytest.mark.parametrize("limit", [None, "90s"])
def test_a_rollout_has_a_time_limit(limit: str | None) -> None:
    opts = None if limit is None else pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create=limit))
    program = declared(lambda: App("web", environment=environment(), image=IMAGE, opts=opts))
    assert program["kubernetes:apps/v1:Deployment web"].create_timeout == (limit or "240s")
