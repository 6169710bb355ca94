"""Programs that tests generate: apps, tasks and secrets that are wired to each other, and share modules."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class App:
    """An app. callees: other apps and tasks. key: a configuration key that a variable of the app has the value of."""

    module: str
    callees: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    key: str | None = None
    colour: str = "red"
    replicas: int | None = None
    requires_auth: bool = False
    package: str | None = None


@dataclass(frozen=True)
class Task:
    """A task. Each is in a file of its own."""

    module: str
    shared: tuple[str, ...] = ()
    retries: int | None = None
    cron: str | None = None


@dataclass(frozen=True)
class Program:
    """A whole program with its configuration. numbers: what each module of the code says.

    secrets: how often each secret of the configuration was set.
    """

    apps: Mapping[str, App]
    tasks: Mapping[str, Task]
    secrets: Mapping[str, int]
    numbers: Mapping[str, int] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)

    def with_app(self, name: str, app: App) -> Program:
        """Return the program with another declaration of an app."""
        return replace(self, apps={**self.apps, name: app})

    def with_task(self, name: str, task: Task) -> Program:
        """Return the program with another declaration of a task."""
        return replace(self, tasks={**self.tasks, name: task})

    def files(self) -> dict[str, str]:
        """Return the files of the program, without the stack's."""
        files = {"__main__.py": "\n".join(self._main())}
        for app in self.apps.values():
            files[f"{app.module}.py"] = _app_code(self.numbers[app.module], app.shared)
        for task in self.tasks.values():
            files[f"{task.module}.py"] = _task_code(task.module, self.numbers[task.module], task.shared)
        for module, number in self.numbers.items():
            if module.startswith("shared"):
                files[f"{module}.py"] = f"NUMBER = {number}\n"
        return files

    def stack_file(self, port: int = 8480) -> str:
        """Return the stack's file, with stand-ins for ciphertexts."""
        plain = [f"  shop:{key}: '{value}'" for key, value in self.configuration.items()]
        hidden = [f"  shop:{key}:\n    secure: v1:{_digest(key, count)}" for key, count in self.secrets.items()]
        return "\n".join(["encryptionsalt: v1:x", "config:", f"  flyte:localPort: '{port}'", *plain, *hidden, ""])

    def _main(self) -> Iterator[str]:
        yield "import pulumi"
        yield "from pulumi_flyte import App, Environment, Image, Secret, Task"
        yield "config = pulumi.Config()"
        yield 'shop = Environment("shop")'
        for name in self.secrets:
            yield f'{name} = Secret("{name}", environment=shop, value=config.require_secret("{name}"))'
        for name, task in self.tasks.items():
            triggers = None if task.cron is None else {"nightly": task.cron}
            arguments = f"retries={task.retries}, triggers={triggers}"
            yield f'{name} = Task("{name}", environment=shop, source="{task.module}.py:{task.module}", {arguments})'
        for name, app in self.apps.items():
            inputs = ", ".join(f'"{callee}": {callee}' for callee in app.callees)
            secrets = ", ".join(f'"{secret.upper()}": {secret}' for secret in app.secrets)
            variable = "" if app.key is None else f', "VALUE": config.require("{app.key}")'
            image = f'Image(packages=["{app.package}"])' if app.package else None
            scaling = None if app.replicas is None else {"replicas": app.replicas}
            yield f'{name} = App("{name}", environment=shop, source="{app.module}.py:app", inputs={{{inputs}}},'
            yield f'    secrets={{{secrets}}}, env={{"COLOUR": "{app.colour}"{variable}}}, image={image},'
            yield f"    scaling={scaling}, requires_auth={app.requires_auth or None})"
        yield ""


def _digest(key: str, count: int) -> str:
    return hashlib.sha256(f"{key}{count}".encode()).hexdigest()


def _imports(shared: tuple[str, ...]) -> str:
    return "".join(f"import {module}\n" for module in shared)


def _app_code(number: int, shared: tuple[str, ...]) -> str:
    return "\n".join(
        [
            f"{_imports(shared)}NUMBER = {number}",
            "",
            "async def app(scope, receive, send):",
            '    if scope["type"] == "http":',
            '        await send({"type": "http.response.start", "status": 200, "headers": []})',
            '        await send({"type": "http.response.body", "body": str(NUMBER).encode()})',
            "",
        ]
    )


def _task_code(name: str, number: int, shared: tuple[str, ...]) -> str:
    return "\n".join(
        [
            f"import flyte\n{_imports(shared)}",
            'env = flyte.TaskEnvironment(name="tasks")',
            "",
            "@env.task",
            f"async def {name}(size: int = {number}) -> int:",
            "    return size",
            "",
        ]
    )


def generated(chance: random.Random, *, apps: int = 4, tasks: int = 2) -> Program:
    """Return a program. Its callees come before their callers."""
    numbers = {f"shared{index}": 0 for index in range(2)}
    secrets = {"key0": 0, "key1": 0}
    declared_tasks: dict[str, Task] = {}
    for index in range(tasks):
        module = f"job{index}"
        numbers[module] = 0
        shared = tuple(chance.sample(["shared0", "shared1"], chance.choice([0, 0, 1])))
        declared_tasks[f"task{index}"] = Task(module, shared, cron=chance.choice([None, "0 2 * * *"]))
    declared_apps: dict[str, App] = {}
    for index in range(apps):
        module = f"web{index}"
        numbers[module] = 0
        candidates = [*declared_tasks, *declared_apps]
        declared_apps[f"app{index}"] = App(
            module,
            callees=tuple(chance.sample(candidates, min(len(candidates), chance.choice([0, 1, 1, 2])))),
            secrets=tuple(chance.sample(list(secrets), chance.choice([0, 0, 1]))),
            shared=tuple(chance.sample(["shared0", "shared1"], chance.choice([0, 1]))),
            key=chance.choice([None, "greeting", "limit"]),
            requires_auth=chance.random() < 0.3,
        )
    configuration = {"greeting": "hello", "limit": "10"}
    return Program(declared_apps, declared_tasks, secrets, numbers, configuration)
