"""A preview without a cluster names exactly what `up` changes, and nothing where nothing was edited."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.harness import VENV_BIN
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.stack import ClusterStack
from tests.kubernetes.surroundings import Interpreter, Surroundings, other_pythons

SEED = 11
PROGRAM = """
import pulumi
from pulumi_flyte import App, Environment, Image, Secret

SERVER = ["python3", "-m", "http.server", "8080", "--directory", "/etc"]

shop = Environment("shop")
key = Secret("key", environment=shop, value={key!r})
stock = App("stock", environment=shop, source="stock.py:app", image=Image(packages={packages!r}))
front = App(
    "front",
    environment=shop,
    image="localhost:5000/base:1",
    command=SERVER,
    scaling={{"replicas": {replicas}}},
    resources={{"cpu": ("10m", {cpu!r})}},
    secrets={{"KEY": key}},
    inputs={inputs},
)
"""
EXTRA = """
extra = App("extra", environment=shop, image="localhost:5000/base:1", command=SERVER, inputs={"front": front})
"""
STOCK = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": b"edition {edition}"}})
"""


@dataclass(frozen=True)
class Shop:
    """The parts of a program that an edit changes."""

    edition: int = 1
    packages: tuple[str, ...] = ("six",)
    cpu: str = "100m"
    key: str = "key 0"
    replicas: int = 1
    is_wired: bool = True
    has_extra: bool = True

    @property
    def files(self) -> Mapping[str, str]:
        """The program."""
        text = PROGRAM.format(
            key=self.key,
            packages=list(self.packages),
            replicas=self.replicas,
            cpu=self.cpu,
            inputs='{"stock": stock}' if self.is_wired else "{}",
        )
        extra = EXTRA if self.has_extra else ""
        return {"__main__.py": text + extra, "stock.py": STOCK.format(edition=self.edition)}


EDITS: Mapping[str, Callable[[Shop], Shop]] = {
    "code": lambda shop: replace(shop, edition=shop.edition + 1),
    "package": lambda shop: replace(shop, packages=("six", "iniconfig")[: 3 - len(shop.packages)]),
    "resource": lambda shop: replace(shop, cpu="100m" if shop.cpu == "150m" else "150m"),
    "secret": lambda shop: replace(shop, key=f"key {int(shop.key.split()[1]) + 1}"),
    "wiring": lambda shop: replace(shop, is_wired=not shop.is_wired),
    "scale": lambda shop: replace(shop, replicas=3 - shop.replicas),
    "removal": lambda shop: replace(shop, has_extra=not shop.has_extra),
}


LONG = [pytest.param(seed, 25, marks=pytest.mark.soak) for seed in range(1, 5)]


@pytest.mark.parametrize(("seed", "count"), [(SEED, len(EDITS)), *LONG])
def test_a_preview_without_a_cluster_names_what_up_changes(stack: ClusterStack, seed: int, count: int) -> None:
    shop = Shop()
    stack.write(shop.files)
    stack.init()
    stack.deployed()
    chance = random.Random(seed)
    edits = [name for _ in range(0, count, len(EDITS)) for name in chance.sample(list(EDITS), len(EDITS))][:count]
    for number, edit in enumerate(edits, 1):
        shop = EDITS[edit](shop)
        stack.write(shop.files)
        preview, update = stack.blind_preview(), stack.up()
        assert (preview.code, update.code) == (0, 0), f"{edit}:\n{preview.text}\n{update.text}"
        assert update.changed, f"the edit of {edit} changed nothing"
        assert preview.changed == update.changed, f"{edit}: previewed {preview.changed}, changed {update.changed}"
        print(f"{number}: {edit}, {len(update.changed)} changes, as previewed")


def test_no_change_is_previewed_elsewhere(stack: ClusterStack) -> None:
    check_surroundings(stack, 3, [Interpreter(VENV_BIN)])


@pytest.mark.soak
def test_no_change_is_previewed_by_anybody_with_any_python(
    make_stack: Callable[..., ClusterStack], cluster: Cluster
) -> None:
    with tempfile.TemporaryDirectory(prefix="surroundings-") as name:  # which other users may enter
        folder = Path(name)
        folder.chmod(0o755)
        pythons = other_pythons(cluster, folder)
        check_surroundings(make_stack(base=folder / "stack"), 50, [Interpreter(VENV_BIN), *pythons])


def check_surroundings(stack: ClusterStack, count: int, pythons: Sequence[Interpreter]) -> None:
    """Deploy a program, and preview it in so many surroundings."""
    stack.write(Shop().files)
    stack.init()
    stack.deployed()
    chance = random.Random(SEED)
    for number in range(count):
        stack.surroundings = Surroundings.drawn(chance, number, pythons)
        stack.move_to(stack.surroundings.folder)
        stack.write({"Pulumi.yaml": stack.project_file})
        for file in stack.folder.rglob("*"):
            os.utime(file, (chance.randrange(2**31), chance.randrange(2**31)))
        stack.surroundings.give(stack.base)
        preview = stack.blind_preview()
        print(f"{number}: Python {stack.surroundings.python.version}, user {stack.surroundings.user}, {preview.code}")
        assert (preview.code, preview.changed) == (0, set()), f"{stack.surroundings}\n{preview.text}"
    stack.surroundings = Surroundings()
