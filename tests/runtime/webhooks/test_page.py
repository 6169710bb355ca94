"""docs/webhooks.md: its code runs, and answers deliveries as the page says."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.webhooks import senders
from tests.runtime.webhooks.door import Door
from tests.runtime.webhooks.senders import KEY, STANDARD_KEY

PAGE = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """The names that each block defines, by the name of the block's file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name, value in {"GITHUB_SECRET": KEY, "HOOK_SECRET": STANDARD_KEY, "CI_KEY": KEY}.items():
        monkeypatch.setenv(name, value)
    modules = {}
    for block in BLOCKS:
        first = re.match(r"# (\w+)\.py\n", block)
        module = types.ModuleType(f"webhooks_page_{first[1] if first else 'verify'}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(compile(block, str(PAGE), "exec"), module.__dict__)
        modules[module.__name__.rpartition("_")[2]] = module.__dict__
    return modules


def test_every_block_runs(page: dict[str, Any]) -> None:
    assert list(page) == ["before", "after", "plain", "tasks", "verify"]


async def test_what_breaks_the_code_by_hand_is_refused_after(page: dict[str, Any]) -> None:
    before, after = (Door(page[name]["app"], "/github") for name in ("before", "after"))
    good = senders.github(b'{"after": "c0ffee"}')
    assert (await before.send(good)).status == 200
    breaking = [
        good.having(b"x-hub-signature-256"),
        good.having(b"x-hub-signature-256", "sha256=é".encode("latin-1")),
        senders.github(b"no JSON"),
        senders.github(b'{"zen": "Keep it logically awesome."}', event="ping"),
    ]
    for sent in breaking:
        with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
            await before.send(sent)
    assert [(await after.send(sent)).status for sent in breaking] == [401, 401, 400, 200]


async def test_plain_and_by_name(page: dict[str, Any]) -> None:
    import time

    plain = Door(page["plain"]["app"])
    assert (await plain.send(senders.standard(b"{}", time.time(), delivery="m1"))).body == b'{"received":"m1"}'
    tasks = Door(page["tasks"]["app"])
    for path, body, status in (("/run/drop", b"{}", 403), ("/run/train", b'{"epochs": 0}', 422)):
        assert (await tasks.send(senders.bearer(body), path=path)).status == status
    assert (await tasks.send(senders.bearer(b"{}", key="other"), path="/run/train")).status == 401
