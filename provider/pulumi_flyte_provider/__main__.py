"""The command `pulumi-resource-flyte ENGINE_ADDRESS`, which the Pulumi engine starts."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi_flyte.source import process
from pulumi_flyte.version import VERSION

from pulumi_flyte_provider.plugin.servicer import FlyteServicer

THREADS = 64  # The most resources that can wait at the same time. A waiting thread costs almost nothing.
# The same values as in Pulumi's SDK: messages of up to 400 MiB, and calls that wait up to half an hour for the event
# loop.
GRPC_OPTIONS = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.server_max_unrequested_time_in_server", 30 * 60),
]
PARENT_CHECK_SECONDS = 2.0


def main() -> None:
    """Serve until the engine ends."""
    asyncio.run(_serve(engine_address(sys.argv[1:])))


def engine_address(arguments: list[str]) -> str:
    """Return the engine's address from the command line, or an empty text without one.

    End the process for --version, --help and unknown arguments.
    """
    parser = argparse.ArgumentParser(
        prog="pulumi-resource-flyte",
        description="The Pulumi resource plugin for Flyte. The Pulumi engine starts it: run `pulumi up`.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"pulumi-resource-flyte {VERSION}")
    parser.add_argument("engine", nargs="?", default="", help="the address of the Pulumi engine")
    # Options that the engine may pass before its address (pulumi/pulumi sdk/go/common/resource/plugin/plugin.go).
    for flag in ("-logflow", "-logtostderr"):
        parser.add_argument(flag, action="store_true", help=argparse.SUPPRESS)
    for option in ("-v", "-tracing"):
        parser.add_argument(option, help=argparse.SUPPRESS)
    options, unknown = parser.parse_known_args(arguments)
    if options.engine:
        # A newer engine may pass options that this plugin does not know. Ignore them.
        return str(options.engine)
    if unknown:
        parser.exit(2, f"pulumi-resource-flyte: unknown arguments: {' '.join(unknown)} (see --help)\n")
    if sys.stdin.isatty():
        parser.exit(2, "pulumi-resource-flyte is started by the Pulumi engine; run `pulumi up` instead.\n")
    return ""


async def _serve(engine_address: str) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="flyte"))
    server = grpc.aio.server(options=GRPC_OPTIONS)
    servicer = FlyteServicer(sys.argv[1:], engine_address)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    watch = loop.create_task(_watch_parent(stopping))
    await stopping.wait()
    watch.cancel()
    servicer.run.cancelled.set()
    await server.stop(grace=0.5)
    _leave()


def _leave() -> NoReturn:
    """End the process without waiting for its threads.

    After a failure, a thread may wait for an answer that the engine never sends. The engine gives all its plugins five
    seconds to end, and reports a plugin that takes longer as one that exited prematurely.
    """
    process.stop_all()
    logging.shutdown()
    os._exit(0)


async def _watch_parent(stopping: asyncio.Event) -> None:
    """Stop when the engine is gone. If it was killed, only the parent of this process changes."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 (there is no event for it)
        await asyncio.sleep(PARENT_CHECK_SECONDS)
    stopping.set()


if __name__ == "__main__":
    main()
