"""The settings for all tests, made before they are imported."""

import sys
from collections.abc import Iterator

import pytest
from google.rpc import status_pb2
from hypothesis import HealthCheck, settings

from tests.processes import Reaper

# Pulumi's plugin library brings its own copy of `google.rpc.Status`, Flyte's stubs import Google's, and one process
# can register only one of them. The tests of both halves share a process, so Pulumi gets Google's: the same message.
sys.modules.setdefault("pulumi.runtime.proto.status_pb2", status_pb2)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _no_process_is_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Ends what the tests left running, also after an interrupt, and says so.

    Homes, folders of programs and backends lie below the run's temporary folder, which marks their processes.
    """
    reaper = Reaper(tmp_path_factory.getbasetemp())
    yield
    left = reaper.close()
    assert not left, "the tests left processes, which are ended now:\n" + "\n".join(left)
