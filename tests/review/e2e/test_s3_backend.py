"""`pulumi-flyte consumers`, `diff --consumers` and a `StackLink` with a backend that speaks S3."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.harness import TOOLS_BIN, Stack
from tests.ports import free_port
from tests.processes import started
from tests.review.e2e.teams import Team, add
from tests.review.e2e.test_consumers import told_before_and_after_it_goes

# moto answers S3's requests as AWS does. It is no dependency: uv installs it for this test.
SERVER = ("run", "--no-project", "--with", "moto[server]>=5,<6", "moto_server", "-H", "127.0.0.1", "-p")
BUCKET = "states"


@dataclass
class OnS3(Stack):
    """A stack that has its state in the bucket."""

    address: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every call."""
        options = "disableSSL=true&s3ForcePathStyle=true&region=us-east-1"
        return {
            **super().environment,
            "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint={self.address}&{options}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[str]:
    """The address of an S3 server with an empty bucket."""
    address = f"127.0.0.1:{free_port()}"
    uv = TOOLS_BIN / "uv"
    command = [str(uv) if uv.exists() else "uv", *SERVER, address.rpartition(":")[2]]
    with (tmp_path / "s3.log").open("w") as log, started(command, stdout=log, stderr=log) as uv_run:
        try:
            limit = time.monotonic() + 120
            while not answers(address):
                assert time.monotonic() < limit, (tmp_path / "s3.log").read_text()
                time.sleep(0.5)
            yield address
        finally:
            # uv hands this signal on to the server, and cannot hand on the one that kills.
            uv_run.terminate()
            uv_run.wait()


def answers(address: str) -> bool:
    """Make the bucket. Return whether the server does it."""
    try:
        return httpx.put(f"http://{address}/{BUCKET}", timeout=10).is_success
    except httpx.TransportError:
        return False


@pytest.mark.soak
def test_the_consumers_of_an_output_are_named_with_states_in_s3(teams: list[Team], tmp_path: Path, s3: str) -> None:
    make: Callable[..., Stack] = partial(OnS3, address=s3)
    owner, web = add(teams, tmp_path, make), add(teams, tmp_path, make)
    told_before_and_after_it_goes(owner, web)
    keys = httpx.get(f"http://{s3}/{BUCKET}?list-type=2", timeout=10).text
    assert all(f"<Key>.pulumi/stacks/{project}/dev.json</Key>" in keys for project in ("p0", "p1")), keys
