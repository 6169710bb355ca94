"""A preview without a cluster names exactly what `up` changes, and nothing where nothing was edited."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from tests.kubernetes.stack import ClusterStack

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
    """What a programmer edits."""

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
# What differs between machines and people.
SURROUNDINGS: Mapping[str, tuple[str, ...]] = {
    "LC_ALL": ("C", "C.UTF-8", "POSIX"),
    "LANG": ("C", "de_DE.UTF-8", "tr_TR.UTF-8"),
    "TZ": ("UTC", "Asia/Kathmandu", "America/St_Johns"),
    "USER": ("ada", "root", "bob smith"),
    "PYTHONHASHSEED": ("0", "1", "random"),
    "PYTHONDONTWRITEBYTECODE": ("", "1"),
}


@pytest.mark.parametrize("count", [len(EDITS), pytest.param(100, marks=pytest.mark.soak)])
def test_a_preview_without_a_cluster_names_what_up_changes(stack: ClusterStack, count: int) -> None:
    shop = Shop()
    stack.write(shop.files)
    stack.init()
    stack.deployed()
    chance = random.Random(SEED)
    edits = [name for _ in range(0, count, len(EDITS)) for name in chance.sample(list(EDITS), len(EDITS))][:count]
    for edit in edits:
        shop = EDITS[edit](shop)
        stack.write(shop.files)
        preview, update = stack.blind_preview(), stack.up()
        assert (preview.code, update.code) == (0, 0), f"{edit}:\n{preview.text}\n{update.text}"
        assert update.changed, f"the edit of {edit} changed nothing"
        assert preview.changed == update.changed, f"{edit}: previewed {preview.changed}, changed {update.changed}"


@pytest.mark.parametrize("count", [3, pytest.param(50, marks=pytest.mark.soak)])
def test_no_change_is_previewed_elsewhere(stack: ClusterStack, count: int) -> None:
    stack.write(Shop().files)
    stack.init()
    stack.deployed()
    chance = random.Random(SEED)
    for number in range(count):
        stack.move_to(f"checkout of {number}")
        for file in stack.folder.rglob("*"):
            os.utime(file, (chance.randrange(2**31), chance.randrange(2**31)))
        stack.variables = {name: chance.choice(values) for name, values in SURROUNDINGS.items()}
        preview = stack.blind_preview()
        assert (preview.code, preview.changed) == (0, set()), f"{stack.variables}\n{preview.text}"
