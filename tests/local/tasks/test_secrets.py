"""Secrets: the service's answers, where values go, and where they do not."""

from __future__ import annotations

import base64
import contextlib
import stat
from urllib.parse import quote

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from flyte_local.runs import logs
from flyte_local.runs.phases import FAILED, SUCCEEDED
from flyte_local.secrets.redaction import Mask
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.dataproxy.dataproxy_service_pb2 import TailLogsRequest
from flyteidl2.secret import payload_pb2 as pb
from flyteidl2.secret.definition_pb2 import SecretIdentifier, SecretSpec

from .conftest import DOMAIN, PROJECT, World, files, secret, show
from .test_runs import outputs

CANARY = "c4n4ry/value+with=signs"


def put(world: World, name: str, value: str | bytes, project: str = PROJECT, domain: str = DOMAIN) -> SecretIdentifier:
    identifier = SecretIdentifier(name=name, project=project, domain=domain)
    spec = SecretSpec(string_value=value) if isinstance(value, str) else SecretSpec(binary_value=value)
    try:
        world.secrets.create_secret(pb.CreateSecretRequest(id=identifier, secret_spec=spec))
    except ConnectError as error:
        if error.code != Code.ALREADY_EXISTS:
            raise
        world.secrets.update_secret(pb.UpdateSecretRequest(id=identifier, secret_spec=spec))
    return identifier


def code_of(call: object) -> Code:
    with pytest.raises(ConnectError) as caught:
        call()  # type: ignore[operator]
    return caught.value.code


def test_the_lifecycle_answers_as_flyte_does(world: World) -> None:
    identifier = SecretIdentifier(name="life", project=PROJECT, domain=DOMAIN)
    spec = SecretSpec(string_value="1")
    create = pb.CreateSecretRequest(id=identifier, secret_spec=spec)
    update = pb.UpdateSecretRequest(id=identifier, secret_spec=spec)
    assert code_of(lambda: world.secrets.update_secret(update)) == Code.NOT_FOUND
    world.secrets.create_secret(create)
    assert code_of(lambda: world.secrets.create_secret(create)) == Code.ALREADY_EXISTS
    world.secrets.update_secret(update)
    stored = world.secrets.get_secret(pb.GetSecretRequest(id=identifier)).secret
    assert stored.id.name == "life"
    assert stored.secret_metadata.created_time.seconds > 0
    world.secrets.delete_secret(pb.DeleteSecretRequest(id=identifier))
    assert code_of(lambda: world.secrets.delete_secret(pb.DeleteSecretRequest(id=identifier))) == Code.NOT_FOUND
    assert code_of(lambda: world.secrets.get_secret(pb.GetSecretRequest(id=identifier))) == Code.NOT_FOUND


@pytest.mark.parametrize(
    "identifier",
    [
        SecretIdentifier(name="", project=PROJECT, domain=DOMAIN),
        SecretIdentifier(name="a.b", project=PROJECT, domain=DOMAIN),
        SecretIdentifier(name="../up", project=PROJECT, domain=DOMAIN),
        SecretIdentifier(name="k", project=PROJECT),
        SecretIdentifier(name="k", project="a/b", domain=DOMAIN),
    ],
)
def test_odd_names_and_a_project_without_a_domain_are_refused(world: World, identifier: SecretIdentifier) -> None:
    request = pb.CreateSecretRequest(id=identifier, secret_spec=SecretSpec(string_value="x"))
    assert code_of(lambda: world.secrets.create_secret(request)) == Code.INVALID_ARGUMENT


def test_the_nearest_scope_wins_and_each_run_reads_the_current_value(world: World) -> None:
    spec = world.shell("printf %s $SCOPED > /var/outputs/v", outputs="v:s", secrets=[secret("scoped")])
    seen = []
    for project, domain, value in (("", "", "global"), ("", DOMAIN, "domain"), (PROJECT, DOMAIN, "project")):
        put(world, "scoped", value, project, domain)
        run = world.run(spec)
        assert world.wait(run).status.phase == SUCCEEDED
        seen.append(outputs(world, run)["v"])
    put(world, "scoped", "rotated")
    run = world.run(spec)
    world.wait(run)
    assert [*seen, outputs(world, run)["v"]] == ["global", "domain", "project", "rotated"]


def test_a_missing_secret_fails_the_run_and_names_the_key(world: World) -> None:
    details = world.wait(world.run(world.shell("true", secrets=[secret("not-there")])))
    assert details.status.phase == FAILED
    assert "secret 'not-there' does not exist" in details.error_info.message
    assert "flyte create secret not-there" in details.error_info.message


def test_a_secret_as_a_file_is_gone_with_the_run(world: World) -> None:
    put(world, "cert", b"\x00\xffbinary")
    reference = secret("cert", "CERT", mount_requirement=Secret.FILE)
    run = world.run(world.shell("od -An -tx1 $CERT; ls -l $CERT | cut -c1-10; pwd", secrets=[reference]))
    assert world.wait(run).status.phase == SUCCEEDED
    folder = world.home.runs / PROJECT / DOMAIN / run.name / "a0" / "1"
    printed = (folder / "task.log").read_text().split()
    assert printed[:8] == ["00", "ff", "62", "69", "6e", "61", "72", "79"]
    assert "-rw-------" in printed
    assert not (folder / "secrets").exists()


def test_a_value_is_in_no_file_of_the_home_and_in_no_answer(world: World) -> None:
    put(world, "canary", CANARY)
    run = world.run(world.shell('test -n "$CANARY"', secrets=[secret("canary")]))
    assert world.wait(run).status.phase == SUCCEEDED
    world.wait(world.run(world.shell("exit 4", secrets=[secret("canary")])))
    raw = CANARY.encode()
    forms = {raw, base64.b64encode(raw), quote(CANARY, safe="").encode(), raw.hex().encode()}
    for path in files(world.home.path):
        with contextlib.suppress(FileNotFoundError):
            content = path.read_bytes()
            assert not [form for form in forms if form in content], f"the value is in {path}"
    listed = world.secrets.list_secrets(pb.ListSecretsRequest(project=PROJECT, domain=DOMAIN, limit=100))
    assert "canary" in [entry.id.name for entry in listed.secrets]
    assert CANARY.encode() not in listed.SerializeToString()


def test_the_key_is_for_its_owner_only(world: World) -> None:
    put(world, "any", "x")
    assert stat.S_IMODE(world.home.vault_key.stat().st_mode) == 0o600


def test_listing_pages(world: World) -> None:
    for number in range(3):
        put(world, f"p{number}", "x", "pages", DOMAIN)
    request = pb.ListSecretsRequest(project="pages", domain=DOMAIN, limit=2)
    first = world.secrets.list_secrets(request)
    request.token = first.token
    second = world.secrets.list_secrets(request)
    assert [s.id.name for s in [*first.secrets, *second.secrets]] == ["p0", "p1", "p2"]
    assert second.token == ""


def test_a_task_that_prints_its_secret_leaks_it_nowhere(world: World) -> None:
    put(world, "printed", CANARY)
    script = (
        'echo "it is $PRINTED"; head -c 70000 /dev/zero | tr "\\0" x; echo "$PRINTED"; echo "last $PRINTED"; exit 3'
    )
    run = world.run(world.shell(script, secrets=[secret("printed")]))
    details = world.wait(run)
    assert CANARY in (world.home.runs / PROJECT / DOMAIN / run.name / "a0" / "1" / "task.log").read_text()
    put(world, "printed", "rotated since")
    request = TailLogsRequest(action_id=details.id, attempt=1)
    lines = [line.message for response in world.data.tail_logs(request) for log in response.logs for line in log.lines]
    page = show(world, f"runs/{run.name}")
    for text in (str(details), "".join(lines), page, str(world.action(run))):
        assert CANARY not in text
    assert lines[0] == "it is ***\n"
    assert lines[-1] == "last ***\n"
    assert details.error_info.message.endswith(": last ***")
    assert "last ***" in page


def test_an_endless_line_is_not_cut_within_a_secret() -> None:
    mask = Mask.of([CANARY.encode()])
    for cut in range(len(CANARY)):
        first, rest = logs._cut(b"x" * 100 + CANARY[:cut].encode(), mask)
        assert CANARY not in mask(first.decode()) + mask((rest + CANARY[cut:].encode()).decode())
        assert (first + rest).decode() == "x" * 100 + CANARY[:cut]
        assert CANARY[:1] not in first.decode()
