"""A shop whose every part can change, edits of it, and edits that no preview survives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PROGRAM = """\
import pulumi
from pulumi_flyte import App, Environment, Link, Secret, Task
from pulumi_flyte.api import AuthKey

config = pulumi.Config()
shop = Environment("shop", env={"REGION": "north"})
key = Secret("api-key", environment=shop, value=config.require_secret("apiKey"))
resize = Task(
    "resize",
    environment=shop,
    source="tasks.py:resize",
    retries=1,
    triggers={"nightly": {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}},
)
backend = App(
    "backend",
    environment=shop,
    source="backend.py:app",
    requires_auth=True,
    env={"LOG_LEVEL": config.get("logLevel") or "info"},
)
frontend = App(
    "frontend",
    environment=shop,
    source="frontend.py:app",
    inputs={"backend": Link(backend, timeout=10), "resize": resize},
    secrets={"API_KEY": key},
    scaling={"replicas": (0, 2)},
)
admin = App("admin", environment=shop, source="admin.py:app", inputs={"backend": backend})

AuthKey("note", audience="hello")
pulumi.export("frontend", frontend.public_endpoint)
"""

APP = """\
from answer import reply

async def app(scope, receive, send):
    if scope["type"] == "http":
        await reply(send, 200, {"app": "%s"})
"""

FILES: Mapping[str, str] = {
    "__main__.py": PROGRAM,
    "answer.py": """\
import json

async def reply(send, status, body):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
""",
    "backend.py": APP % "backend",
    "frontend.py": APP % "frontend",
    "admin.py": APP % "admin",
    "tasks.py": """\
import flyte

env = flyte.TaskEnvironment(name="images")

@env.task
async def resize(image: str, size: int = 3) -> str:
    return f"{image}@{size}"
""",
}
KEY = "a-s3cret-of-the-shop"
CONFIGURATION = {"logLevel": "info"}


@dataclass(frozen=True)
class Edit:
    """A change of the shop. replaced: texts of the program. files: contents. configuration: keys and their values.
    secret: a new value of the key."""

    name: str
    replaced: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None

    @property
    def program(self) -> str:
        """The program after the edit."""
        text = PROGRAM
        for old, new in self.replaced.items():
            assert old in text, f"{self.name}: {old!r}"
            text = text.replace(old, new)
        return text


_BACKEND_END = '    env={"LOG_LEVEL": config.get("logLevel") or "info"},\n)'
EDITS = (
    Edit("nothing"),
    Edit("code-of-one-app", files={"frontend.py": APP % "frontend 2"}),
    Edit("code-of-a-callee", files={"backend.py": APP % "backend 2"}),
    Edit("module-of-three-apps", files={"answer.py": FILES["answer.py"].replace("application/json", "text/plain")}),
    Edit("new-module", files={"admin.py": "import extra\n" + APP % "admin", "extra.py": "TWO = 2\n"}),
    Edit(
        "module-inlined",
        files={"admin.py": FILES["answer.py"] + (APP % "admin").partition("\n")[2]},
    ),
    Edit("code-of-a-task", files={"tasks.py": FILES["tasks.py"].replace("@{size}", "@{size}px")}),
    Edit("argument", {'scaling={"replicas": (0, 2)}': 'scaling={"replicas": (1, 5)}'}),
    Edit("argument-removed", {'    scaling={"replicas": (0, 2)},\n': ""}),
    Edit("variable", {'"LOG_LEVEL": config': '"COLOUR": "blue", "LOG_LEVEL": config'}),
    Edit("configuration", configuration={"logLevel": "debug"}),
    Edit("configuration-of-the-project", configuration={"flyte:project": "store"}),
    Edit("authentication-off", {"    requires_auth=True,\n": ""}),
    Edit("key-rotated", {"    requires_auth=True,\n": '    requires_auth=True,\n    auth_rotation="december",\n'}),
    Edit("input-added", {'"resize": resize}': '"resize": resize, "admin": "https://example.com"}'}),
    Edit("input-removed", {'inputs={"backend": backend})': ")"}),
    Edit("input-elsewhere", {'inputs={"backend": backend})': 'inputs={"backend": resize})'}),
    Edit("input-option", {"timeout=10": "timeout=20"}),
    Edit("secret-rotated", secret="another-value-of-it"),
    Edit(
        "secret-renamed", {'Secret("api-key", environment=shop': 'Secret("api-key", environment=shop, name="other-key"'}
    ),
    Edit(
        "secret-removed",
        {
            'key = Secret("api-key", environment=shop, value=config.require_secret("apiKey"))\n': "",
            '    secrets={"API_KEY": key},\n': "",
        },
    ),
    Edit("app-added", {"AuthKey(": 'App("search", environment=shop, source="admin.py:app")\nAuthKey('}),
    Edit(
        "app-removed",
        {'admin = App("admin", environment=shop, source="admin.py:app", inputs={"backend": backend})\n': ""},
    ),
    Edit("app-renamed", {'admin = App("admin", ': 'admin = App("office", '}),
    Edit("flyte-name", {'admin = App("admin", ': 'admin = App("admin", name="office", '}),
    Edit("app-stopped", {'source="admin.py:app", inputs': 'source="admin.py:app", active=False, inputs'}),
    Edit(
        "task-removed",
        {PROGRAM[PROGRAM.index("resize = Task(") : PROGRAM.index("backend = App(")]: "", ', "resize": resize}': "}"},
    ),
    Edit("task-argument", {"retries=1": "retries=3"}),
    Edit("trigger-changed", {"0 2 * * *": "0 4 * * *"}),
    Edit(
        "trigger-added",
        {'triggers={"nightly"': 'triggers={"hourly": {"cron": "0 * * * *", "inputs": {"image": "dog.png"}}, "nightly"'},
    ),
    Edit("trigger-removed", {'    triggers={"nightly": {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}},\n': ""}),
    Edit("environment", {'{"REGION": "north"}': '{"REGION": "south"}'}),
    Edit(
        "package",
        {'source="admin.py:app", inputs': 'source="admin.py:app", image={"packages": ["six==1.17.0"]}, inputs'},
    ),
    Edit("other-resource", {'audience="hello"': 'audience="bye"'}),
    Edit(
        "several-at-once",
        {"retries=1": "retries=3", 'App("admin", ': 'App("office", '},
        {"backend.py": APP % "backend 2"},
    ),
    Edit(
        "everything-removed",
        {
            PROGRAM[PROGRAM.index("key = Secret") : PROGRAM.index("AuthKey(")]: "",
            'pulumi.export("frontend", frontend.public_endpoint)\n': "",
        },
    ),
)
FAILURES = (
    Edit("no-such-argument", {"retries=1": "retry=1"}),
    Edit("exception", {"config = pulumi.Config()": 'config = pulumi.Config()\nlimits = {}["limits"]'}),
    Edit("no-such-module", files={"admin.py": "import nowhere\n" + APP % "admin"}),
    Edit(
        "secret-in-a-variable",
        {'{"LOG_LEVEL": config': '{"DSN": pulumi.Output.secret("postgres://u:pw@db"), "LOG_LEVEL": config'},
    ),
)
