"""The app as a Pulumi program of this project, changed by `pulumi up`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.kubernetes.load import shapes
from tests.kubernetes.load.running_app import RunningApp
from tests.kubernetes.stack import ClusterStack

_CODE = Path(__file__).parent / "application.py"
_PROGRAM = """
from pulumi_flyte import App, Environment, Image, Secret

environment = Environment("load")
key = Secret("key", environment=environment, value={secret!r})
App(
    {app!r},
    environment=environment,
    source="backend.py:app",
    image=Image(packages={packages!r}),
    secrets={{"KEY": key}},
    scaling={{"replicas": {replicas}}},
)
"""
_PACKAGES = ("six", "iniconfig")


@dataclass
class StackApp(RunningApp):
    """A stack of one app."""

    stack: ClusterStack = field(kw_only=True)
    release: int = 0
    secret: int = 0
    package: str = _PACKAGES[0]

    shape: shapes.Shape = field(default="ours", init=False)

    @property
    def namespace(self) -> str:
        return self.stack.namespace

    def start(self) -> None:
        """Make the stack, and deploy it."""
        self.write()
        self.stack.init()
        self.deploy()

    def write(self) -> None:
        """Write the program."""
        program = _PROGRAM.format(
            app=shapes.APP, secret=f"value-{self.secret}", packages=["starlette", self.package], replicas=self.replicas
        )
        code = _CODE.read_text().replace('RELEASE = "0"', f'RELEASE = "{self.release}"')
        self.stack.write({"__main__.py": program, "backend.py": code})

    def deploy(self) -> None:
        self.write()
        outcome = self.stack.up()
        assert outcome.code == 0, outcome.text
        assert outcome.changed, outcome.text
        self.settle()

    def change_code(self) -> None:
        self.release += 1
        self.deploy()

    def change_image(self) -> None:
        self.package = next(each for each in _PACKAGES if each != self.package)
        self.deploy()

    def change_secret(self) -> None:
        self.secret += 1
        self.deploy()

    def scale(self, replicas: int) -> None:
        self.replicas = replicas
        self.deploy()
