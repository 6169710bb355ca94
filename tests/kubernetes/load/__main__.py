"""`python -m tests.kubernetes.load`: the long form. It must run inside the cluster's network."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.home import default_home
from tests.kubernetes.load import container_images, shapes
from tests.kubernetes.load.manifests_app import ManifestsApp
from tests.kubernetes.load.run import run
from tests.kubernetes.load.running_app import RunningApp
from tests.kubernetes.load.stack_app import StackApp
from tests.kubernetes.load.upheavals import KINDS, Kind
from tests.kubernetes.stack import ClusterStack

# Where one pod is not enough. `scale` ends with one.
_TWO = {"evict", "kill"}


def main() -> None:
    """Print one line for each run; exit with 1 if a run of our own shape has lost anything."""
    parser = argparse.ArgumentParser(prog="python -m tests.kubernetes.load")
    parser.add_argument("--shape", choices=[*shapes.SHAPES, "all"], default="ours")
    parser.add_argument("--kind", choices=[*KINDS, "all"], default="all")
    parser.add_argument("--replicas", type=int, help="default 1; 2 for evict and kill")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--sockets", type=int, default=50)
    parser.add_argument("--wired", action="store_true", help="callers with rt.app, as always for kill of our shape")
    parser.add_argument("--skip-build", action="store_true", help="the images are in the registry already")
    options = parser.parse_args()
    cluster = Cluster(default_home())
    chosen = shapes.SHAPES if options.shape == "all" else [options.shape]
    if not options.skip_build and set(chosen) != {"ours"}:
        container_images.provide(cluster.home)
    lost = False
    for shape in chosen:
        for kind in KINDS if options.kind == "all" else [options.kind]:
            wired = options.wired or (shape == "ours" and kind == "kill")
            with deployed(cluster, shape, kind, options.replicas or (2 if kind in _TWO else 1)) as app:
                load = run(kind, app, requests=options.requests, web_sockets=options.sockets, wired=wired)
                result = asyncio.run(load)
            print(result.words(), flush=True)
            seen = result.tally.failed + result.tally.gaps + result.tally.socket_failures.total()
            lost = lost or (shape == "ours" and seen > 0)
    sys.exit(lost)


@contextlib.contextmanager
def deployed(cluster: Cluster, shape: shapes.Shape, kind: Kind, replicas: int) -> Iterator[RunningApp]:
    """Deploy the app, and delete it afterwards. Ours is a Pulumi program; the others are manifests."""
    name = f"load-{shape}-{kind}-{uuid.uuid4().hex[:4]}"
    if shape == "ours":
        with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
            stack = ClusterStack(Path(folder), cluster=cluster, project=name)
            app = StackApp(cluster, replicas, stack=stack)
            try:
                app.start()
                yield app
                assert stack.destroy().code == 0
            finally:
                app.close()
                stack.close()
    else:
        cluster.kubectl("create", "namespace", name)
        theirs = ManifestsApp(cluster, replicas, shape=shape, namespace=name)
        try:
            theirs.deploy()
            yield theirs
        finally:
            theirs.close()
            cluster.kubectl("delete", "namespace", name, "--wait=false")


if __name__ == "__main__":
    main()
