"""JSON that fits a task's interface reaches the task as values of its types. Other JSON is refused with the reason."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import flyte
import flyte_runtime as rt
import pytest
from flyte.types import TypeEngine
from flyte_runtime.errors import TaskInputError
from flyte_runtime.tasks.inputs import Interface, fitted_inputs
from flyte_runtime.testing import FakeTask, wired
from pydantic import BaseModel

from tests.runtime.flyte_internals import forget_connection
from tests.runtime.plane import control_plane, variables

pytestmark = [pytest.mark.xdist_group("runtime-json"), pytest.mark.timeout(900)]

TYPES = """
import datetime, enum
from dataclasses import dataclass, field
from typing import Dict, List, Literal, NamedTuple, Optional, Tuple, TypedDict, Union
import flyte
from pydantic import BaseModel

env = flyte.TaskEnvironment("shapes", image="local/python")

class Color(enum.Enum):
    RED = "red"
    BLUE = "b"

@dataclass
class Point:
    x: int
    y: float = 0.5

@dataclass
class Line:
    a: Point
    b: Optional[Point] = None
    more: List[Point] = field(default_factory=list)
    by: Dict[str, Point] = field(default_factory=dict)

@dataclass
class Plan:
    at: datetime.datetime
    on: Optional[datetime.date] = None
    lasts: Optional[datetime.timedelta] = None
    pair: Tuple[int, float] = (1, 2.0)
    paint: Color = Color.RED
    either: Union[int, str] = 0
    rates: Dict[str, Optional[float]] = field(default_factory=dict)

class Order(BaseModel):
    n: int
    price: float = 0.5
    at: Optional[datetime.datetime] = None
    lasts: Optional[datetime.timedelta] = None
    paint: Color = Color.RED
    size: Literal["s", "m"] = "m"
    pair: Tuple[int, float] = (1, 2.0)
    either: Union[int, str] = 0
    point: Optional[Point] = None

class Pair(NamedTuple):
    a: int
    b: float

class Typed(TypedDict):
    a: int
    b: float
"""
SHAPES = {
    "point": "Point",
    "line": "Line",
    "plan": "Plan",
    "order": "Order",
    "number": "float",
    "whole": "int",
    "moment": "datetime.datetime",
    "lasting": "datetime.timedelta",
    "color": "Color",
    "tup": "Tuple[int, str]",
    "models": "Tuple[Order, Point]",
    "nested": "Tuple[Tuple[int, float], str]",
    "named": "Pair",
    "typed": "Typed",
    "points": "List[Point]",
    "by_name": "Dict[str, Point]",
    "moments": "List[datetime.datetime]",
    "tuples": "List[Tuple[int, float]]",
    "maybe_tuple": "Optional[Tuple[int, str]]",
    "maybe_moment": "Optional[datetime.datetime]",
    "maybe_color": "Optional[Color]",
    "maybe_point": "Optional[Point]",
    "whole_or_point": "Union[int, Point]",
    "line_or_point": "Union[Line, Point]",
    "moment_or_text": "Union[datetime.datetime, str]",
    "whole_or_number": "Union[int, float]",
    "lists": "List[List[float]]",
    "anything": "dict",
}
TASKS = TYPES + "".join(
    f"\n@env.task\nasync def {name}(v: {annotation}) -> str:\n    return repr(v)\n"
    for name, annotation in SHAPES.items()
)
UTC = "tzinfo=datetime.timezone.utc"
POINT = "Point(x=1, y=2.0)"

FITS: list[tuple[str, str, str]] = [
    ("point", '{"x": 1, "y": 2}', POINT),
    ("point", '{"x": 1.0}', "Point(x=1, y=0.5)"),
    ("line", '{"a": {"x": 1, "y": 2}, "b": null}', f"Line(a={POINT}, b=None, more=[], by={{}})"),
    (
        "line",
        '{"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "more": [{"x": 1, "y": 2}], "by": {"k": {"x": 1, "y": 2}}}',
        f"Line(a={POINT}, b={POINT}, more=[{POINT}], by={{'k': {POINT}}})",
    ),
    (
        "plan",
        '{"at": "2026-01-02T03:04:05Z", "on": "2026-01-02", "lasts": 90, "pair": [3, 4], "paint": "b", "either": "x",'
        ' "rates": {"a": 1, "b": null}}',
        f"Plan(at=datetime.datetime(2026, 1, 2, 3, 4, 5, {UTC}), on=datetime.date(2026, 1, 2),"
        " lasts=datetime.timedelta(seconds=90), pair=(3, 4.0), paint=<Color.BLUE: 'b'>, either='x',"
        " rates={'a': 1.0, 'b': None})",
    ),
    (
        "order",
        '{"n": 1, "price": 2, "at": "2026-01-02T03:04:05+01:00", "lasts": "PT90S", "paint": "BLUE", "size": "s",'
        ' "pair": [3, 4], "either": "x", "point": {"x": 1, "y": 2}}',
        "Order(n=1, price=2.0, at=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=TzInfo(3600)),"
        f" lasts=datetime.timedelta(seconds=90), paint=<Color.BLUE: 'b'>, size='s', pair=(3, 4.0), either='x',"
        f" point={POINT})",
    ),
    ("number", "2", "2.0"),
    ("whole", "2.0", "2"),
    ("moment", '"2026-01-02T03:04:05Z"', f"datetime.datetime(2026, 1, 2, 3, 4, 5, {UTC})"),
    ("moment", '"2026-01-02"', f"datetime.datetime(2026, 1, 2, 0, 0, {UTC})"),
    ("moment", '"2026-01-02T03:04:05.5+02:00"', f"datetime.datetime(2026, 1, 2, 1, 4, 5, 500000, {UTC})"),
    ("lasting", '"PT1H30M"', "datetime.timedelta(seconds=5400)"),
    ("lasting", "1.5", "datetime.timedelta(seconds=1, microseconds=500000)"),
    ("color", '"BLUE"', "<Color.BLUE: 'b'>"),
    ("tup", '[1, "a"]', "(1, 'a')"),
    ("nested", '[[1, 2], "a"]', "((1, 2.0), 'a')"),
    ("named", "[1, 2]", "Pair(a=1, b=2.0)"),
    ("named", '{"a": 1, "b": 2}', "Pair(a=1, b=2.0)"),
    ("typed", '{"a": 1, "b": 2}', "{'a': 1, 'b': 2.0}"),
    ("points", '[{"x": 1, "y": 2}]', f"[{POINT}]"),
    ("by_name", '{"k": {"x": 1, "y": 2}}', f"{{'k': {POINT}}}"),
    ("moments", '["2026-01-02"]', f"[datetime.datetime(2026, 1, 2, 0, 0, {UTC})]"),
    ("tuples", "[[1, 2], [3, 4]]", "[(1, 2.0), (3, 4.0)]"),
    ("maybe_tuple", '[1, "a"]', "(1, 'a')"),
    ("maybe_tuple", "null", "None"),
    ("maybe_moment", '"2026-01-02"', f"datetime.datetime(2026, 1, 2, 0, 0, {UTC})"),
    ("maybe_moment", "null", "None"),
    ("maybe_color", '"RED"', "<Color.RED: 'red'>"),
    ("maybe_point", '{"x": 1, "y": 2}', POINT),
    ("whole_or_point", "3", "3"),
    ("whole_or_point", '{"x": 1, "y": 2}', POINT),
    ("line_or_point", '{"x": 1, "y": 2}', POINT),
    ("moment_or_text", '"2026-01-02"', "'2026-01-02'"),
    ("whole_or_number", "3", "3"),
    ("whole_or_number", "3.5", "3.5"),
    ("lists", "[[1, 2.5], []]", "[[1.0, 2.5], []]"),
    ("anything", '{"a": [1, null, {"b": "é"}]}', "{'a': [1, None, {'b': 'é'}]}"),
]

MISFITS: list[tuple[str, str, str]] = [
    ("point", '{"x": "1"}', "x: expected a whole number, not text"),
    (
        "point",
        '{"x": 1.5, "y": true}',
        "x: expected a whole number, not a number; y: expected a number, not true or false",
    ),
    ("point", '{"y": 1}', "x: is missing (a whole number)"),
    ("point", '{"x": 1, "z": 2}', "z: there is no such field"),
    ("point", "[1, 2]", "expected an object (Point), not a list"),
    ("point", '{"x": 1, "y": null}', "y: expected a number, not null"),
    ("line", '{"a": {"x": 1}, "more": [{"x": 1}, {}]}', "more[1].x: is missing"),
    ("plan", '{"at": "tomorrow"}', "at: expected a time such as 2026-01-02T03:04:05Z"),
    ("plan", '{"at": "2026-01-02", "paint": "GREEN"}', "paint: expected one of red, b"),
    ("plan", '{"at": "2026-01-02", "pair": [1]}', "pair: expected a list of 2 items, not of 1"),
    ("order", '{"n": 1, "size": "xl"}', "size: expected one of s, m"),
    ("moment", '"1700000000"', "expected a time such as"),
    ("moment", "5", "expected a time such as"),
    ("lasting", '"long"', "expected a duration such as PT1H30M, or seconds"),
    ("color", '"b"', "expected one of RED, BLUE"),
    ("color", "7", "expected one of RED, BLUE"),
    ("maybe_color", '"green"', "expected one of RED, BLUE"),
    ("tup", '[1, "a", 2]', "expected a list of 2 items, not of 3"),
    ("tup", '["a", 1]', "item_0: expected a whole number, not text; item_1: expected text, not a whole number"),
    ("points", '[{"x": 1}, {"x": null}]', "[1]: x: expected a whole number, not null"),
    ("by_name", '{"k": 1}', "k: expected an object (Point)"),
    ("number", "1" + "0" * 400, "the number is too large"),
    ("point", '{"x": 9223372036854775808000}', "a number that is too large"),
]


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    pytest.importorskip("flyte_local.daemon", reason="needs the local control plane")
    with control_plane(tmp_path_factory.mktemp("shapes"), "shapes", TASKS) as port:
        yield port


@pytest.fixture
def jobs(shapes: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in variables(shapes).items():
        monkeypatch.setenv(name, value)
    with wired({name: f"demo/development/shapes.{name}@v1" for name in SHAPES}):
        yield
    forget_connection()


@pytest.mark.usefixtures("jobs")
async def test_json_becomes_what_the_tasks_types_say() -> None:
    runs = [await rt.task(name).start({"v": json.loads(text)}) for name, text, _ in FITS]
    for run, (name, text, expected) in zip(runs, FITS, strict=True):
        await run.wait(600)
        assert await run.result() == expected, f"{name} of {text}"


@pytest.mark.usefixtures("jobs")
async def test_two_models_in_a_tuple() -> None:
    run = await rt.task("models").start(v=[{"n": 1, "price": 2}, {"x": 1, "y": 2}])
    await run.wait(600)
    assert (await run.result()).endswith(f"{POINT})")


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(("name", "text", "problem"), MISFITS)
async def test_what_does_not_fit_is_told_what_would(name: str, text: str, problem: str) -> None:
    with pytest.raises(TaskInputError) as caught:
        await rt.task(name).start({"v": json.loads(text)})
    assert problem in caught.value.problems["v"]


@pytest.mark.usefixtures("jobs")
async def test_equal_json_with_one_key_is_one_run() -> None:
    start = rt.task("point").start
    one = await start({"v": {"x": 1, "y": 2}}, idempotency_key="k")
    two = await start({"v": {"y": 2.0, "x": 1}}, idempotency_key="k")
    assert one.name == two.name
    await one.wait(600)


class Tone(enum.Enum):
    LOW = "l"
    HIGH = "h"


@dataclass
class Spot:
    x: int
    y: float = 0.5


class Note(BaseModel):
    tone: Tone = Tone.LOW


class Duo(NamedTuple):
    a: int
    b: float


def test_the_same_inputs_fit_in_process_and_by_the_enum_itself() -> None:
    env = flyte.TaskEnvironment("in-process")

    @env.task
    async def play(
        spot: Spot, tone: Tone, duo: Duo, at: datetime.datetime, either: int | Spot | None = None
    ) -> None: ...

    fake = FakeTask(None, task=play)
    inputs = {"spot": {"x": 1, "y": 2}, "tone": "h", "duo": [1, 2], "at": "2026-01-02", "either": {"x": 1}}
    with wired({"play": fake}):
        rt.task("play").sync.start(inputs)
        with pytest.raises(TaskInputError, match="expected one of LOW, HIGH"):
            rt.task("play").sync.start({**inputs, "tone": "x"})
        rt.task("play").sync.start({**inputs, "spot": Spot(1), "tone": Tone.HIGH, "duo": Duo(1, 2.0)})
    at = datetime.datetime(2026, 1, 2)
    expected: dict[str, Any] = {"spot": {"x": 1, "y": 2.0}, "tone": "HIGH", "duo": [1, 2.0], "at": at}
    assert fake.runs[0].inputs == {**expected, "either": {"x": 1}}
    assert fake.runs[1].inputs["spot"] == Spot(1)


class Tree(BaseModel):
    n: int = 0
    anything: dict[str, Any] = {}


def nested(depth: int) -> dict[str, Any]:
    """An object in an object in an object …"""
    tree: dict[str, Any] = {}
    for _ in range(depth):
        tree = {"k": tree}
    return tree


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"anything": nested(600)}, "nested too deeply"),
        ({"anything": nested(20_000)}, "nested too deeply"),
        ({"anything": {"at": datetime.datetime(2026, 1, 2)}}, "a value that is not JSON, such as a time"),
        ({"n": 2**64}, "a number that is too large"),
    ],
)
async def test_what_no_literal_can_hold_is_a_problem_of_the_input(value: Any, problem: str) -> None:
    assert problem in (await _problem(value, Tree) or "it fits")


async def test_deep_json_fits() -> None:
    assert await _problem({"anything": nested(200)}, Tree) is None


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400])
async def test_a_whole_number_that_is_too_large_is_not_quoted(value: int) -> None:
    assert await _problem(value, int) == "the number is too large"


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 0, True])
async def test_a_whole_number_of_64_bits_fits(value: int) -> None:
    assert await _problem(value, int) is None


async def _problem(value: Any, python_type: type) -> str | None:
    literal_type = TypeEngine.to_literal_type(python_type)
    interface = Interface({"v": TypeEngine.guess_python_type(literal_type)}, {"v": literal_type})
    _, problems = await fitted_inputs(interface, {"v": value})
    return problems.get("v")
