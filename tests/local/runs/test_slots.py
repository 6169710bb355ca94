from __future__ import annotations

import asyncio

from flyte_local.runs.slots import Slots
from hypothesis import given
from hypothesis import strategies as st


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_limit_holds_and_the_queue_keeps_its_order() -> None:
    slots = Slots(2)
    began: list[str] = []

    async def work(name: str) -> None:
        await slots.take(name, "run")
        began.append(name)

    tasks = [asyncio.create_task(work(f"a{n}")) for n in range(4)]
    await settle()
    assert began == ["a0", "a1"]
    slots.give_back("a1")
    await settle()
    assert began == ["a0", "a1", "a2"]
    slots.give_back("a0")
    await asyncio.gather(*tasks)
    assert began[-1] == "a3"


async def test_a_waiting_parent_makes_room_for_its_children_at_any_depth() -> None:
    slots = Slots(1)
    await slots.take("root", "run")
    for parent, child in (("root", "child"), ("child", "grandchild")):
        slots.expect(parent)
        await asyncio.wait_for(slots.take(child, "run"), 60)
    assert slots.busy() == 1


async def test_a_run_keeps_its_own_limit_and_does_not_block_others() -> None:
    slots = Slots(10)
    await slots.take("a", "one", 1)
    second = asyncio.create_task(slots.take("b", "one", 1))
    await asyncio.wait_for(slots.take("c", "two", 1), 60)
    await settle()
    assert not second.done()
    slots.give_back("a")
    await asyncio.wait_for(second, 60)


async def test_a_cancelled_waiter_leaves_no_slot_taken() -> None:
    slots = Slots(1)
    await slots.take("a", "run")
    waiting = asyncio.create_task(slots.take("b", "run"))
    await settle()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    slots.give_back("a")
    await asyncio.wait_for(slots.take("c", "run"), 60)
    assert slots.busy() == 1


@given(st.integers(1, 4), st.lists(st.integers(0, 5), max_size=12))
def test_every_tree_of_actions_ends(limit: int, shape: list[int]) -> None:
    """Each action starts the children that the shape gives it, waits for them, and ends: none is left waiting."""
    ended: list[str] = []

    async def act(slots: Slots, key: str, left: list[int], parent: str | None) -> None:
        await slots.take(key, "run")
        children = []
        for number in range(left.pop() if left else 0):
            child = f"{key}.{number}"
            slots.expect(key)
            children.append(asyncio.create_task(act(slots, child, left, key)))
        await asyncio.sleep(0)
        await asyncio.gather(*children)
        ended.append(key)
        if parent is not None:
            slots.ended(parent)
        slots.give_back(key)

    async def everything() -> None:
        slots = Slots(limit)
        await asyncio.wait_for(act(slots, "root", list(shape), None), 60)
        assert slots.busy() == 0

    asyncio.run(everything())
    assert ended[-1] == "root"
