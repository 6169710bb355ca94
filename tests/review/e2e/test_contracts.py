"""Calls that break, and who reaches whom, on the real engine: from a deployed stack and a changed program."""

from __future__ import annotations

from tests.e2e.harness import Stack
from tests.review.e2e.command import reviewed

PROGRAM = """
from pulumi_flyte import App, Environment, Task

shop = Environment("shop")
resize = Task("resize", environment=shop, source="tasks.py:resize")
stock = App("stock", environment=shop, source="stock.py:app", requires_auth=True)
page = App("page", environment=shop, source="page.py:app", inputs={"stock": stock, "resize": resize})
App("other", environment=shop, source="other.py:app")
"""
STOCK = """
from fastapi import FastAPI
from pydantic import BaseModel

class Level(BaseModel):
    item: str
    amount: int

app = FastAPI()

@app.get("/level/{item}")
async def level(item: str) -> Level:
    return Level(item=item, amount=3)

@app.get("/unused")
async def unused() -> Level:
    return Level(item="x", amount=3)
"""
PAGE = """
import flyte_runtime as rt
from fastapi import FastAPI

app = FastAPI(lifespan=rt.lifespan)

@app.get("/")
async def page(item: str) -> int:
    reply = await rt.app("stock").get(f"/level/{item}")
    await rt.task("resize").start(width=3)
    return reply.json()["amount"]
"""
OTHER = "from fastapi import FastAPI\n\napp = FastAPI()\n"
TASKS = """
import flyte

env = flyte.TaskEnvironment(name="images")

@env.task
async def resize(width: int) -> int:
    return width
"""
FILES = {"__main__.py": PROGRAM, "stock.py": STOCK, "page.py": PAGE, "other.py": OTHER, "tasks.py": TASKS}


def test_breaks_and_connections_of_a_deployed_stack(stack: Stack) -> None:
    """One story, since each step takes a run of the engine."""
    stack.write(FILES)
    stack.init()
    stack.deployed()
    assert reviewed(stack)["contracts"] == []

    # An operation that nobody calls goes.
    stack.write({"stock.py": STOCK.replace("/unused", "/elsewhere")})
    assert reviewed(stack)["contracts"] == []

    stack.write({"stock.py": STOCK.replace("amount: int", "amount: str")})
    stack.write({"tasks.py": TASKS.replace("width: int", "width: int, height: int")})
    report = reviewed(stack)
    assert [
        (each["caller"], each["operation"], each["problem"], each["file"], each["line"]) for each in report["contracts"]
    ] == [
        ("app page", "GET /level/{item}", "response field amount may be a string instead of an integer", "page.py", 9),
        ("app page", "start", "the input height is required now", "page.py", 10),
    ]
    assert report["unchecked"] == []

    # The app that lets in wired callers only gets another one, and no longer the page.
    stack.write(
        {
            **FILES,
            "__main__.py": PROGRAM.replace('{"stock": stock, "resize": resize}', "{}").replace(
                'source="other.py:app"', 'source="other.py:app", inputs={"stock": stock}'
            ),
        }
    )
    reach = reviewed(stack)["reachability"]
    assert reach == {
        "gained": [["app other", "app stock", "http"]],
        "lost": [["app page", "app stock", "http"]],
    }
