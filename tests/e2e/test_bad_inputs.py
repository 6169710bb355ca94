"""Bad input gets one clear message that names the property, and makes nothing. One engine run serves many cases:
each case is a program that declares one bad thing, run by a program that reports what each said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.e2e.harness import Stack

FILES = {
    "good.py": "async def app(scope, receive, send): ...\n",
    "broken.py": "def f(:\n",
    "raises.py": "raise ValueError('no luck')\n",
    "imports.py": "import does_not_exist\n",
    "stops.py": "import sys; sys.exit(1)\n",
    "number.py": "app = 3\n",
    "tasks.py": """\
        import flyte
        env = flyte.TaskEnvironment(name="words")
        @env.task
        async def count(text: str, n: int = 3) -> int:
            return n
    """,
    "flyteapp.py": """\
        import flyte.app
        env = flyte.app.AppEnvironment(name="own-name", image="x:1", args=["serve"])
    """,
}


@dataclass(frozen=True)
class Case:
    """A declaration and what its message must say."""

    code: str
    says: tuple[str, ...]

    def __str__(self) -> str:
        return self.code[:60]


def case(code: str, *says: str) -> Case:
    """A case; `E` is an environment, `A` a good app's arguments."""
    return Case(code, says)


CASES = [
    # names
    case("App('Web', environment=E, source='good.py:app')", "name:", "lower-case", "'web'"),
    case("App('under_score', environment=E, source='good.py:app')", "name:", "'under-score'"),
    case("App('a' * 31, environment=E, source='good.py:app')", "name:", "at most 30", "has 31"),
    case("App('-a', environment=E, source='good.py:app')", "name:", "lower-case"),
    case("App('ok', name='Not OK', environment=E, source='good.py:app')", "name:", "'Not OK'"),
    case("App('', environment=E, source='good.py:app')", "first argument"),
    case("App(3, environment=E, source='good.py:app')", "first argument"),
    case("Task('t', name='bad name', environment=E, image='x:1', command=['c'], interface={})", "name:", "task name"),
    case("Secret('bad.name', environment=E, value='v')", "name:", "secret name"),
    case("Environment('e', project='Bad_Project')", "project:", "lower-case"),
    case("Environment('e', project='p' * 64)", "project:", "at most 63"),
    case("Environment('e', domain='Staging')", "has 1 problem", "domain: there is no domain 'Staging'"),
    # ports
    case("App('w', environment=E, source='good.py:app', port=8012)", "port:", "reserves", "8080"),
    case("App('w', environment=E, source='good.py:app', port=0)", "port:", "between 1 and 65535"),
    case("App('w', environment=E, source='good.py:app', port=70000)", "port:", "70000"),
    case("App('w', environment=E, source='good.py:app', port='http')", "port:", "a number"),
    case("App('w', environment=E, source='good.py:app', port=True)", "port:", "a number"),
    case("Environment('e', local_port=80)", "local_port:", "between 1024 and 65535"),
    # quantities
    case("App('w', environment=E, source='good.py:app', resources={'cpu': 'lots'})", "resources.cpu:", "quantity"),
    case("App('w', environment=E, source='good.py:app', resources={'memory': '1 GB'})", "resources.memory:"),
    case("App('w', environment=E, source='good.py:app', resources={'cpu': ('2', '1')})", "resources.cpu:", "above"),
    case("App('w', environment=E, source='good.py:app', resources={'memory': ('1Gi', '900M')})", "resources.memory:"),
    case("Task('t', environment=E, source='tasks.py:count', resources={'disk': ('2e9', 1)})", "resources.disk:"),
    case("Environment('e', resources={'cpu': ('1', '500m')})", "resources.cpu:", "above the limit 500m"),
    case("App('w', environment=E, source='good.py:app', resources={'mem': '1Gi'})", "resources.mem:", "'memory'"),
    case("App('w', environment=E, source='good.py:app', resources={'gpu': 'T4'})", "resources.gpu:", "T4:1"),
    case("App('w', environment=E, source='good.py:app', resources='1Gi')", "resources:", "mapping"),
    case("Task('t', environment=E, source='tasks.py:count', resources={'cpu': -1})", "resources.cpu:"),
    case("Environment('e', resources={'cpu': 'x'})", "resources.cpu:"),
    # scaling, timeouts, health
    case("App('w', environment=E, source='good.py:app', scaling={'replicas': (3, 1)})", "scaling.replicas:"),
    case("App('w', environment=E, source='good.py:app', scaling={'replica': 1})", "scaling.replica:", "'replicas'"),
    case("App('w', environment=E, source='good.py:app', scaling={'concurrency': 0})", "scaling.concurrency:"),
    case(
        "App('w', environment=E, source='good.py:app', scaling={'concurrency': 1, 'request_rate': 1})",
        "scaling:",
        "not both",
    ),
    case("App('w', environment=E, source='good.py:app', timeouts={'request': 4000})", "timeouts.request:", "3600"),
    case("App('w', environment=E, source='good.py:app', timeouts={'reqest': 4})", "timeouts.reqest:", "'request'"),
    case("App('w', environment=E, source='good.py:app', health='healthz')", "health.path:", "starts with '/'"),
    # unknown and missing keywords
    case("App('w', environment=E, sorce='good.py:app')", "sorce:", "did you mean 'source'?"),
    case("App('w', source='good.py:app')", "environment:", "required"),
    case("App('w', environment='shop', source='good.py:app')", "environment:", "Environment("),
    case("App('w', enviroment=E, sorce='good.py:app')", "has 2 problems", "enviroment:", "'environment'", "sorce:"),
    case("App('w', sorce='good.py:app')", "has 2 problems", "sorce:", "environment: required"),
    case("Task('t', environment=E, source='tasks.py:count', trigger={})", "trigger:", "'triggers'"),
    case("Secret('s', environment=E, val='x')", "val:", "did you mean 'value'?"),
    case("Environment('e', plattform='local')", "plattform:", "'platform'"),
    case("Environment('e', platform='locl')", "platform:", "'local'"),
    case("Environment('e', platform='kubernets')", "platform: unknown platform: did you mean 'kubernetes'?"),
    case("Environment('e', platform='docker')", "platform: unknown platform: use local, flyte or kubernetes"),
    case("App('w', E)", 'arguments: all but the name are given by keyword: App("w", environment=…)'),
    case("App('p', environment=E, source='good.py:app', env={'PORT': 80})", "has 1 problem", "env.PORT:", "use port="),
    case("Task('t', environment=E, source='tasks.py:count', env={'PORT': '80'})", "env.PORT:", "port= of the App"),
    case("App('w', environment=E, image='x:1', command=['c'], include=['a' * 300])", "include:", "names no file"),
    case("Environment('e', platform='flyte', endpoint='http://[x')", "endpoint: an endpoint is a URL", "'http://[x'"),
    # Outputs where a plain value is needed, and where they were lost in a text
    case("App('w', environment=E, source='good.py:app', port=O)", "port: this is an Output"),
    case("App('w', environment=E, source='good.py:app', resources={'cpu': ('1', O)})", "resources.cpu.1: this is an"),
    case("App('w', environment=E, source='good.py:app', env=O)", "env: this is an Output", "may be Outputs"),
    case("App('w', environment=E, image=Image(packages=[O]), command=['c'])", "image.packages.0: this is an Output"),
    case("App('w', environment=E, source='good.py:app', inputs={'b': Link(AppEndpoint('b'), timeout=O)})", "inputs.b"),
    case("App('w', environment=E.settings, source='good.py:app')", "environment: this is an Output"),
    case("Task('t', environment=E, source='tasks.py:count', triggers={'n': {'cron': O}})", "triggers.n.cron: this is"),
    case("Secret('s', environment=E, value='v', name=O)", "name: this is an Output"),
    case("App(O, environment=E, source='good.py:app')", "has 1 problem:", "name: this is an Output"),
    case(
        "App(f'w-{O}', name='w', environment=E, source='good.py:app')", "has 1 problem:", "name: an f-string or str()"
    ),
    case("Environment('e', project=O)", "project: this is an Output"),
    case("Environment('e', project=f'p-{O}')", "project: an f-string or str() contains an Output"),
    case("Environment('e', image=f'registry/{O}')", "image: an f-string", "pulumi.Output.concat"),
    case("App('w', environment=E, source='good.py:app', env={'A': f'http://{O}'})", "env.A: an f-string"),
    case("App('w', environment=E, source='good.py:app', inputs={'a': f'{O!r}'})", "inputs.a: an f-string"),
    case("App(f'w-{O}', environment=E, source='good.py:app')", "name: an f-string"),
    case("Secret('s', environment=E, value=f'{O}')", "value: an f-string"),
    case("Environment('e', platform='flyte')", "endpoint:", "flyte:endpoint"),
    # sources
    case("App('w', environment=E)", "source:", "nothing to run is declared"),
    case("App('w', environment=E, source='good.py')", "source:", "file.py:attribute"),
    case("App('w', environment=E, source='god.py:app')", "source:", "did you mean 'good.py'?"),
    case("App('w', environment=E, source='good.py:ap')", "source:", "did you mean 'app'?"),
    case("App('w', environment=E, source='broken.py:app')", "source:", "broken.py:1: syntax error"),
    case("App('w', environment=E, source='raises.py:app')", "source:", "raises.py:1", "ValueError: no luck"),
    case("App('w', environment=E, source='imports.py:app')", "source:", "no module 'does_not_exist'"),
    case("App('w', environment=E, source='stops.py:app')", "source:", "sys.exit(1)"),
    case("App('w', environment=E, source='number.py:app')", "source:", "is of type int"),
    case("App('w', environment=E, source='tasks.py:count')", "source:", "declare it with Task"),
    case("Task('t', environment=E, source='tasks.py:env')", "source:", "TaskEnvironment"),
    case("Task('t', environment=E, source='good.py:app')", "source:", "not a Flyte task"),
    case("App('w', environment=E, source='good.py:app', command=['x'])", "command:", "source has its own"),
    case("App('w', environment=E, command='python x.py')", "command:", "list of strings"),
    case("App('w', environment=E, source='good.py:app', include=['*.nothing'])", "source:", "names no file"),
    case("App('other', name='other', environment=E, source='flyteapp.py:env')", "name:", "'own-name'"),
    case("Task('t', environment=E, image='x:1')", "source:", "interface"),
    # wiring
    case("App('w', environment=E, source='good.py:app', inputs={'1st': 'x'})", "inputs.1st:", "variable"),
    case("App('w', environment=E, source='good.py:app', inputs={'a-b': 'x'})", "inputs.a-b:", "variable"),
    case("App('w', environment=E, source='good.py:app', inputs={'_u_ep_override': 'x'})", "set by the platform"),
    case("App('w', environment=E, source='good.py:app', inputs={'port': 'x'})", "inputs.port:", "set by the platform"),
    case("App('w', environment=E, source='good.py:app', inputs={'x': 3})", "inputs.x:", "an App, a Task"),
    case("App('w', environment=E, source='good.py:app', inputs=['x'])", "inputs:", "mapping"),
    case("App('w', environment=E, source='good.py:app', inputs={'b': AppEndpoint('Bad')})", "inputs.b.name:"),
    case("App('w', environment=E, source='good.py:app', inputs={'b': Link(AppEndpoint('b'), timeout=-1)})", "inputs.b"),
    case("App('w', environment=E, source='good.py:app', secrets={'KEY': 'plain-value'})", "secrets.KEY:", "Secret"),
    case("App('w', environment=E, source='good.py:app', env={'A-B': 'x'})", "env.A-B:"),
    case("App('w', environment=E, source='good.py:app', env={'A': 3})", "env.A:", "string"),
    case("App('w', environment=E, source='good.py:app', env={'B': 'x'}, inputs={'b': 'y'})", "env.B:", "already"),
    case("App('w', environment=E, source='good.py:app', env={'FLYTE_WIRING': 'x'})", "env.FLYTE_WIRING:"),
    case("App('w', environment=E, source='good.py:app', inputs={'a': None})", "inputs.a:", "None"),
    case(
        "App('w', environment=E, source='good.py:app', inputs={'a': TaskRef(None)})", "inputs.a.name:", "plain string"
    ),
    case("App('w', environment=E, source='good.py:app', env='A=1')", "env:", "mapping"),
    case("App('w', environment=E, source='good.py:app', domain='x.example.com')", "domain:", "custom_domain"),
    case("App('w', environment=E, source='good.py:app', domain={'foo': 1})", "domain.foo:", "unknown setting"),
    case("App('w', environment=E, source='good.py:app', console_links='x')", "console_links:", "list"),
    case("App('w', environment=E, source='good.py:app', requires_auth='yes')", "requires_auth:", "True or False"),
    case("App('w', environment=E, source='good.py:app', description=3)", "description:", "plain string"),
    case("App('w', environment=E, source='good.py:app', name='')", "name:", "app name"),
    case("Environment('e', env='x')", "env:", "mapping"),
    case("Environment('e', env={'FLYTE_INTERNAL_X': 'y'})", "env.FLYTE_INTERNAL_X:", "set by the platform"),
    case("Environment('e', insecure='yes')", "insecure:", "True or False"),
    # secrets, triggers
    case(
        "Task('t', environment=E, source='tasks.py:count', triggers={3: '0 2 * * *'})",
        "triggers:",
        "a trigger's name is a string (got 3)",
    ),
    case("Task('t', environment=E, source='tasks.py:count', triggers={'n': '0 2 * * *'})", "triggers.n.inputs.text:"),
    case("Secret('s', environment=E)", "value:", "existing=True"),
    case("Secret('s', environment=E, value='x', existing=True)", "value:", "either"),
    case("Secret('s', environment=E, value=3)", "value:", "a string"),
    case("Task('t', environment=E, source='tasks.py:count', triggers={'n': '99 * * * *'})", "triggers.n.cron:"),
    case("Task('t', environment=E, source='tasks.py:count', triggers={'n': {'interval_minutes': 0}})", "triggers.n"),
    case(
        "Task('t', environment=E, source='tasks.py:count', triggers={'n': {'cron': '0 2 * * *', 'timezone': 'X'}})",
        "triggers.n.timezone:",
    ),
    case(
        "Task('t', environment=E, source='tasks.py:count', triggers={'n': {'cron': '0 2 * * *', 'inputs': {'m': 1}}})",
        "triggers.n.inputs.m:",
        "no such input",
    ),
    case("Task('t', environment=E, source='tasks.py:count', retries=-1)", "retries:"),
    case("Task('t', environment=E, source='tasks.py:count', timeout='soon')", "timeout:", "seconds"),
    case("Task('t', environment=E, image='x', command=['c'], interface={'inputs': {'a': 'integer'}})", "interface"),
]

PROGRAM = """\
import json, sys
import pulumi
from pulumi_flyte import *

E = Environment("shop")
O = pulumi.Output.from_input("x")
messages = {}
for code in json.loads(open("cases.json").read()):
    try:
        eval(code)
        messages[code] = "(nothing)"
    except pulumi.RunError as error:
        messages[code] = str(error)
    except BaseException as error:
        messages[code] = f"Traceback {type(error).__name__}: {error}"
with open("messages.json", "w") as stream:
    json.dump(messages, stream)
"""


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the messages of all cases from one preview on the real engine."""
    stack = Stack(tmp_path_factory.mktemp("bad") / "stack")
    stack.write({**FILES, "__main__.py": PROGRAM, "cases.json": json.dumps([case.code for case in CASES])})
    stack.init()
    outcome = stack.preview()
    try:
        assert outcome.code == 0, outcome.text
        declared = {name for name in outcome.steps if ":api:" in name}
        assert not declared, "a refused declaration made an object"
        by_code: dict[str, str] = json.loads((stack.folder / "messages.json").read_text())
        return by_code
    finally:
        stack.close()


@pytest.mark.parametrize("bad", CASES, ids=str)
def test_bad_input_is_one_clear_message(messages: dict[str, str], bad: Case) -> None:
    message = messages[bad.code]
    assert "Traceback" not in message
    assert message != "(nothing)"
    for part in bad.says:
        assert part in message
    assert "plain-value" not in message, "a secret's value is never repeated"


def test_all_problems_come_at_once(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack()
    stack.write(
        {
            **FILES,
            "__main__.py": """\
                from pulumi_flyte import *
                E = Environment("shop")
                App("Bad_Name", environment=E, source="good.py:ap", port=8012, inputs={"1": "x", "port": "y"})
            """,
        }
    )
    stack.init()
    outcome = stack.preview()
    assert outcome.code != 0
    for part in ("has 5 problems", "name:", "source:", "port:", "inputs.1:", "inputs.port:"):
        assert part in outcome.text
    assert "Traceback" not in outcome.text
