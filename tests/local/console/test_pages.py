"""The pages of the console over HTTP, with real apps and real runs."""

from __future__ import annotations

import json
import re
import sys
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flyteidl2.app.app_payload_pb2 import CreateRequest, DeleteRequest
from flyteidl2.core.security_pb2 import Secret
from flyteidl2.task.common_pb2 import TriggerAutomationSpec
from flyteidl2.task.task_definition_pb2 import TaskTrigger

from tests.local.apps.conftest import PLAIN, declaration, phase, status_of, until
from tests.local.apps.test_replicas import scaling
from tests.local.tasks.conftest import DOMAIN, PROJECT, secret

from .conftest import CHATTY, PROGRAMS, SCOPE, Shop, app, wired

EVIL = "<script>alert('x')</script>"
PAGES = (
    "",
    "/apps",
    "/runs",
    "/tasks",
    "/triggers",
    "/secrets",
    "/images",
    "/graph",
    "/apps/orders",
    "/tasks/shop.bill",
)


@pytest.fixture(scope="module")
def bill(shared_shop: Shop) -> str:
    """A run that has succeeded; what the CLI printed of it leads here."""
    items = ["--items", json.dumps(["tea", "milk", "sugar"])]
    printed = shared_shop.world.flyte(
        "run", "--follow", str(PROGRAMS / "shop.py"), "bill", "--customer", f"Ada {EVIL}", *items, cwd=PROGRAMS
    )
    name = addresses(shared_shop, printed)[0].rpartition("/")[2]
    until(lambda: "4 succeeded" in shared_shop.page(f"/runs/{name}").words)
    return name


def addresses(shop: Shop, printed: str) -> list[str]:
    """Return the paths of this server that a program has printed, links of terminals included."""
    return [urlsplit(address).path for address in re.findall(rf"{shop.url}/v2[-\w./%?=]*", printed)]


@pytest.mark.parametrize("path", ["/v2", "/v2/apps", "/v2/runs", "/v2/tasks", "/v2/graph", *(SCOPE + p for p in PAGES)])
def test_every_page_is_small_labelled_and_needs_nothing_inline(shop: Shop, path: str) -> None:
    answer = shop.get(path)
    assert answer.status == 200
    assert len(answer.body) < 50_000
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    text = answer.text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?! src=\"/console/)", text)
    assert text.count("<h1>") == text.count("<main") == 1
    assert text.index('class="skip"') < text.index("<header>")
    for file in re.findall(r'(?:src|href)="(/console/[^"]+)"', text):
        served = shop.get(file)
        assert served.status == 200
        assert "immutable" in served.headers["cache-control"]


def test_the_addresses_that_cli_and_sdk_print_open_the_right_page(shop: Shop, bill: str) -> None:
    world = shop.world
    printed = [world.flyte("get", kind) for kind in ("run", "task", "trigger", "app")]
    printed.append(world.flyte("deploy", str(PROGRAMS / "shop.py"), "env", cwd=PROGRAMS))
    for path in {path for text in printed for path in addresses(shop, text)}:
        answer = shop.get(path)
        assert answer.status == 200, path
        assert f"<h1>{path.rpartition('/')[2]}</h1>" in answer.text
    urls = world.python(
        f"""
        from flyte._initialize import get_client
        console = get_client().console
        place = ("{PROJECT}", "{DOMAIN}")
        print(json.dumps({{
            "{bill}": console.run_url(*place, "{bill}"),
            "Action a0": console.action_url(*place, "{bill}", "a0"),
            "orders": console.app_url(*place, "orders"),
            "shop.bill": console.task_url(*place, "shop.bill"),
            "nightly": console.trigger_url(*place, "shop.tidy", "nightly"),
        }}))
        """
    )
    for title, url in urls.items():
        answer = shop.get(url.removeprefix(shop.url))
        assert answer.status == 200, url
        assert f">{title}</h" in answer.text


def test_a_runs_page_has_its_actions_values_times_and_report(shop: Shop, bill: str) -> None:
    page = shop.page(f"/runs/{bill}")
    words = page.words
    assert "4 succeeded" in words
    assert words.count("level 2,") == 3, "three children below the root"
    assert "price in prices" in words
    assert "customer Ada &lt;script&gt;" in words
    assert '"total": 18.0' in unescape(words)
    assert len(re.findall(r'<svg class="bar"[^>]* aria-label="queued [\d.]+ s, running [\d.]+ s', page.text)) == 4
    report = shop.page(f"/runs/{bill}/report", 303).headers["location"]
    assert shop.get(report.removeprefix(shop.url)).text.count("<h1>Bill of Ada") == 1
    child = re.search(r'\?i=([^#"]+)#action" ?>?', page.text.split("level 2")[1])
    assert child is not None
    one = shop.page(f"/runs/{bill}?i={child[1]}")
    assert f'<h2 id="action">Action {child[1]}</h2>' in one.text
    assert re.search(r"looked up (tea|milk|sugar)", one.words)
    assert re.search(r"item (tea|milk|sugar)", one.words)


def test_a_failed_run_says_why_and_nothing_becomes_markup(shop: Shop) -> None:
    run = shop.world.run(shop.world.shell(f'echo "{EVIL}"; echo broken >&2; exit 3', "note:s"), note=EVIL)
    shop.world.wait(run)
    page = shop.page(f"/runs/{run.name}")
    assert '<span class="phase failed">failed</span>' in page.text
    assert "exited with" in page.words or "exit" in page.words
    assert EVIL in unescape(page.text)
    assert page.text.count("<script") == 1, "the server's own"
    row = next(line for line in shop.page("/runs").text.split("<tr>") if run.name in line)
    assert "failed" in row


def test_runs_are_filtered(shop: Shop, bill: str) -> None:
    done = shop.world.run(shop.world.shell("exit 1", name="filtered.task"))
    shop.world.wait(done)
    filtered = shop.page("/runs?phase=failed&task=FILTERED").text
    assert done.name in filtered
    assert bill not in filtered
    assert bill in shop.page(f"/runs?name={bill[:12]}").text
    nothing = shop.page(f"/runs?name={quote(EVIL)}")
    assert "No run passes the filter." in nothing.words
    assert EVIL in unescape(nothing.text)


def test_a_task_has_versions_an_interface_triggers_and_runs(shop: Shop) -> None:
    trigger = TaskTrigger(name=f"nightly {EVIL[:8]}", automation_spec=TriggerAutomationSpec())
    trigger.automation_spec.schedule.cron.expression = "0 2 * * *"
    trigger.automation_spec.schedule.cron.timezone = "Europe/Berlin"
    trigger.spec.active = True
    spec = shop.world.shell("true", "n:i s:s", "n:f", env={"TOKEN": "canary-of-the-environment"})
    shop.world.deploy("console.shown", spec, "v1", triggers=[trigger])
    latest = shop.world.deploy("console.shown", spec, "v2", triggers=[trigger])
    run = shop.world.run(latest, n=1, s="x")
    shop.world.wait(run)
    page = shop.page("/tasks/console.shown")
    words = page.words
    assert words.index("Version v2") < words.rindex("v1")
    assert "n int yes" in words
    assert "n float" in words
    assert "0 2 * * * Europe/Berlin" in words
    assert f"/runs/{run.name}" in page.text
    assert "canary" not in page.text
    assert "Version v1" in shop.page("/tasks/console.shown?version=v1").words
    shop.page("/tasks/console.shown?version=v9", 404)
    assert "shop.tidy" in shop.page("/triggers").words
    one = shop.page(f"/triggers/console.shown/{quote(trigger.name)}").words
    assert re.search(r"Next 20\d\d-\d\d-\d\d 0[0-4]:00:00", one), one


def test_secrets_have_names_and_nothing_else_anywhere(shop: Shop) -> None:
    shop.secret("printed", "canary-in-a-log-5b1f")
    spec = shop.world.shell(
        'echo "it is $PRINTED"; exit 1',
        "note:s",
        secrets=[secret("printed", "PRINTED", mount_requirement=Secret.ENV_VAR)],
    )
    run = shop.world.run(spec, note="again canary-in-a-log-5b1f")
    shop.world.wait(run)
    words = shop.page("/secrets").words
    assert "database-password shop / development" in words
    assert "telemetry-key everywhere" in words
    assert "telemetry-key" in shop.get("/v2/secrets").text
    log = shop.page(f"/runs/{run.name}/log").text
    assert "it is ***" in log
    for path in ("/secrets", "/apps/orders", f"/runs/{run.name}", f"/runs/{run.name}/log"):
        assert "canary" not in shop.page(path).text, path


def test_the_graph_shows_what_is_wired_as_drawing_and_as_list(shop: Shop) -> None:
    page = shop.page("/graph")
    begin = page.text.index('class="graph"')
    drawing = page.text[begin : page.text.index("</svg>", begin)]
    for name in ("storefront", "orders", "stock", "back-office"):
        assert f'href="{SCOPE}/apps/{name}"' in drawing
    assert f'href="{SCOPE}/tasks/shop.bill"' in drawing
    assert "app mail, not deployed" in drawing
    assert drawing.count('class="edge starts" marker-end="url(#starts)"') == 1
    assert drawing.count('class="edge calls" marker-end="url(#calls)"') == 6
    rows = page.text[page.text.index("</svg>", begin) :]
    assert len(re.findall(r'<th scope="row"[^>]*><a', rows)) >= 7
    assert "shop.price" in rows, "what is not wired is listed"
    assert "is called by storefront (app) orders" in shop.page("/apps/orders").words
    assert "starts shop.bill (task) billing" in shop.page("/apps/orders").words
    assert "is started by orders (app) billing" in shop.page("/tasks/shop.bill").words


def test_callers_of_other_projects_are_shown(shop: Shop) -> None:
    declared = declaration("kiosk", CHATTY, env=wired("app", "kiosk", stock=app("stock")))
    declared.metadata.id.project = "mall"
    shop.plane.apps.create(CreateRequest(app=declared))
    assert "is called by mall/development/kiosk (app) stock" in shop.page("/apps/stock").words
    assert 'href="/v2/domain/development/project/mall/apps/kiosk"' in shop.page("/graph").text
    shop.plane.apps.delete(DeleteRequest(app_id=declared.metadata.id))


def test_an_app_without_a_replica_is_asleep_and_the_api_calls_it_active(shop: Shop) -> None:
    shop.up("sleepy", autoscaling=scaling(0, 1))
    until(lambda: "Status asleep revision 1 is scaled to zero" in shop.page("/apps/sleepy").words)
    assert phase(shop.plane.get("sleepy")) == "active"
    assert re.search(r"sleepy asleep 0 1 ", shop.page("/apps").words)

    def woken() -> bool:
        # Each request wakes it. A moment without one, and it sleeps again.
        assert status_of(shop.plane.endpoint("sleepy"))[0] == 200
        return "Status active" in shop.page("/apps/sleepy").words

    until(woken)
    shop.plane.delete("sleepy")


def test_times_have_their_zone(shop: Shop) -> None:
    times = re.findall(r"<time [^>]*>([^<]*)</time>", shop.page("/apps/stock").text)
    assert times
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z+\d-]+", each) for each in times), times


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/apps/order", "There is: orders"),
        ("/tasks/shop.bil", "There is: shop.bill"),
        ("/runs/none", "There is no run"),
        ("/runs/none?i=a0", "There is no run"),
        ("/runs/%2e%2e", "There is no"),
        ("/runs/none/log", "There is no run"),
        ("/runs/none/report", "There is no run"),
        ("/apps/none/live", "There is no app"),
        ("/triggers/none/none", "There is no trigger"),
        ("/artifacts/x", "not there on this platform"),
        ("/other", "no page at this address"),
        ("/apps/%3Cb%3E", "There is no app"),
        ("/apps/orders/else", "There is no"),
    ],
)
def test_what_is_not_there_is_said_with_a_way_on(shop: Shop, path: str, expected: str) -> None:
    page = shop.page(path, 404)
    assert expected in page.words
    assert "<b>" not in page.text
    assert 'href="/v2"' in page.text


@pytest.mark.parametrize("path", ["/nothing", "/v2/domain/%3Cb%3E/project/%3Cb%3E/tasks/%3Cb%3E", "/console/../x"])
def test_foreign_addresses(shop: Shop, path: str) -> None:
    answer = shop.get(path)
    assert answer.status == 404
    assert "<b>" not in answer.text


def test_a_page_has_a_head_and_is_not_written_to(shop: Shop) -> None:
    head = shop.get(SCOPE, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert shop.get(SCOPE, "PUT", b"").status == 405
    assert shop.get("/v2", "POST", b"").status == 405


def test_a_run_in_flight_can_be_aborted(shop: Shop) -> None:
    run = shop.world.run(shop.world.shell("echo started; sleep 300"))
    shop.world.started(run)
    path = f"{SCOPE}/runs/{run.name}"
    answer = press(shop, path, "abort")
    assert (answer.status, answer.headers["location"]) == (303, f"{path}?done=aborted")
    page = shop.get(f"{path}?done=aborted")
    assert 'role="status">Aborted' in page.text
    assert "aborted in the console" in page.words
    assert "/abort" not in page.text, "no button where there is nothing to abort"


def test_a_trigger_is_switched_off_and_on(shop: Shop) -> None:
    path = f"{SCOPE}/triggers/shop.tidy/nightly"
    for verb, active in (("deactivate", "no"), ("activate", "yes")):
        answer = press(shop, path, verb)
        assert answer.headers["location"] == f"{path}?done={verb}d"
        assert f"Active {active}" in shop.get(path).words


def test_an_app_is_stopped_and_starts_with_the_interpreter_it_had(shop: Shop, own_python: str) -> None:
    plane = shop.plane
    plane.create("buttons", PLAIN, headers={"x-flyte-local-python": own_python})
    plane.wait("buttons")
    path = f"{SCOPE}/apps/buttons"
    first = plane.fetch("buttons")
    assert first["env"]["PATH"].startswith(own_python.rpartition("/")[0])
    assert press(shop, path, "stop").headers["location"] == f"{path}?done=stopped"
    plane.wait("buttons", "stopped")
    assert press(shop, path, "start").headers["location"] == f"{path}?done=started"
    plane.wait("buttons")
    second = plane.fetch("buttons")
    assert second["env"]["PATH"] == first["env"]["PATH"]
    assert press(shop, path, "restart").headers["location"] == f"{path}?done=restarted"
    until(lambda: plane.fetch("buttons")["pid"] != second["pid"])
    assert plane.fetch("buttons")["env"]["PATH"] == first["env"]["PATH"]
    plane.update("buttons", PLAIN, stop=True)
    plane.update("buttons", PLAIN)  # as the CLI activates it: naming no interpreter
    plane.wait("buttons")
    assert plane.fetch("buttons")["env"]["PATH"] == first["env"]["PATH"]
    plane.delete("buttons")


def test_a_button_lets_a_browser_into_a_guarded_app(shop: Shop) -> None:
    answer = press(shop, f"{SCOPE}/apps/back-office", "open")
    assert answer.status == 303
    location = urlsplit(answer.headers["location"])
    assert location.hostname == "back-office-shop-development.localhost"
    entered = shop.get(f"/?{location.query}", Host=location.netloc)
    assert entered.status == 303
    cookie = entered.headers["set-cookie"].partition(";")[0]
    assert "Hello from the app" in shop.get("/", Host=location.netloc, Cookie=cookie).text


SAME_ORIGIN = {"Origin": "http://{host}", "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://orders-shop-development.localhost:{port}"},
        {"Origin": "http://localhost:{port}"},  # another origin of this very server
    ],
)
def test_a_button_cannot_be_pressed_from_elsewhere(shop: Shop, headers: dict[str, str]) -> None:
    path = f"{SCOPE}/apps/orders/stop"
    sent = {name: value.format(port=shop.world.port) for name, value in headers.items()}
    assert shop.get(path, "POST", token_of(shop, f"{SCOPE}/apps/orders", path), **sent).status == 403
    assert "Status stopped" not in shop.page("/apps/orders").words


@pytest.mark.parametrize(
    "body", [b"", b"token=", b"token=0", b"token=" + b"0" * 64, b"token=%ff%00\xff", b"x" * 20_000]
)
def test_a_button_needs_its_own_token(shop: Shop, body: bytes) -> None:
    path = f"{SCOPE}/apps/orders/stop"
    assert shop.get(path, "POST", body).status == 403
    other = token_of(shop, f"{SCOPE}/apps/orders", f"{SCOPE}/apps/orders/restart")
    assert shop.get(path, "POST", other).status == 403, "the token of another button"
    assert "Status stopped" not in shop.page("/apps/orders").words


def test_a_link_of_another_site_may_lead_here_and_nothing_else_may(shop: Shop) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    link = {**cross, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert shop.get(SCOPE, **link).status == 200
    assert shop.get(SCOPE, "POST", b"", **link).status == 403
    assert shop.get(SCOPE, **cross).status == 403
    assert shop.get(SCOPE, **{**link, "Sec-Fetch-Dest": "iframe"}).status == 403
    assert shop.get(SCOPE, **{**cross, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}).status == 403


def token_of(shop: Shop, page: str, action: str) -> bytes:
    """Return the form data that a button sends."""
    field = re.search(
        rf'action="{re.escape(action)}"><input type="hidden" name="token" value="([-\w]+)"', shop.get(page).text
    )
    assert field is not None, f"no button for {action}"
    return b"token=" + field[1].encode()


def press(shop: Shop, page: str, verb: str) -> Any:
    """A button, as a browser presses it."""
    headers = {name: value.format(host=f"127.0.0.1:{shop.world.port}") for name, value in SAME_ORIGIN.items()}
    return shop.get(f"{page}/{verb}", "POST", token_of(shop, page, f"{page}/{verb}"), **headers)


@pytest.fixture
def own_python(tmp_path: Any) -> str:
    """An interpreter at a path of its own."""
    path = tmp_path / "python"
    path.symlink_to(sys.executable)
    return str(path)
