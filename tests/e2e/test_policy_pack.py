"""A policy pack of Pulumi, as docs/policies.md has it, on the real engine.

The pack is an executable file. Pulumi's language host for Python that the tests have is older than packs in a folder.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.harness import ROOT, TOOLS_BIN, Stack

PROGRAM = """
from pulumi_flyte import App, Environment

shop = Environment("shop")
App("web", environment=shop, image="web", source="web.py:app", public=True, env={"API_TOKEN": "visible"})
"""
WEB = "from fastapi import FastAPI\n\napp = FastAPI()\n"
POLICIES = """
from pulumi_flyte.policies import builtin_policies

policies = builtin_policies(severity={SEVERITY})
"""
DISTRIBUTIONS = ("components", "runtime")


@pytest.fixture
def pack(stack: Stack) -> Path:
    """A pack in a virtual environment of its own, since `pulumi-policy` needs an older protobuf."""
    folder = stack.base / "pack"
    environment = folder / "venv"
    uv = str(TOOLS_BIN / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python")]
    subprocess.run([*install, "pulumi-policy", "pydantic"], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "checkout.pth").write_text("".join(f"{ROOT / name}\n" for name in DISTRIBUTIONS))
    blocks = re.findall(r"```\w+\n(.*?)```", (ROOT / "docs" / "policies.md").read_text(), re.DOTALL)
    (main,) = (block for block in blocks if "import policy_pack" in block)
    (run,) = (block for block in blocks if block.startswith("#!/bin/sh"))
    (folder / "__main__.py").write_text(main)
    (folder / "run").write_text(run)
    (folder / "run").chmod(0o755)
    return folder


def test_a_mandatory_rule_of_a_pack_stops_the_update(stack: Stack, pack: Path) -> None:
    stack.write({"__main__.py": PROGRAM, "web.py": WEB})
    stack.init()
    (pack / "policies.py").write_text(POLICIES.replace("{SEVERITY}", '{"no-secret-in-env": "off"}'))
    preview, update = (run("--policy-pack", str(pack / "run")) for run in (stack.preview, stack.up))
    for outcome in (preview, update):
        assert outcome.code != 0
        assert re.search(r"\[mandatory\]\s+public-app-needs-auth\s+\(flyte:index:App: web\)", outcome.text), (
            outcome.text
        )
        assert "no-secret-in-env" not in outcome.text
    assert re.search(r"\[advisory\]\s+image-by-content\s+\(flyte:api:App: web\)", preview.text)
    assert "flyte:index:App" not in {each["type"] for each in stack.export()["deployment"].get("resources", ())}

    severity = dict.fromkeys(("no-secret-in-env", "public-app-needs-auth", "no-latest-tag"), "advisory")
    (pack / "policies.py").write_text(POLICIES.replace("{SEVERITY}", str(severity)))
    outcome = stack.preview("--policy-pack", str(pack / "run"))
    assert outcome.code == 0, outcome.text
    assert re.search(r"\[advisory\]\s+no-secret-in-env\s", outcome.text), outcome.text
