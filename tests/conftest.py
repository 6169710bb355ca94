"""What holds for every test, before any of them is imported."""

import sys

from google.rpc import status_pb2
from hypothesis import HealthCheck, settings

# Pulumi's plugin library brings its own copy of `google.rpc.Status`, Flyte's stubs import Google's, and one process
# can register only one of them. The tests of both halves share a process, so Pulumi gets Google's: the same message.
sys.modules.setdefault("pulumi.runtime.proto.status_pb2", status_pb2)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
