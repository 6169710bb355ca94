"""Pulumi's plugin library brings its own copy of `google.rpc.Status`, Flyte's stubs import Google's, and one process
can register only one of them. The tests of both halves share a process, so Pulumi gets Google's: the same message."""

import sys

from google.rpc import status_pb2

sys.modules.setdefault("pulumi.runtime.proto.status_pb2", status_pb2)
