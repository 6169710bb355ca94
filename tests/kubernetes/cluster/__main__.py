"""The command `python -m tests.kubernetes.cluster`.

check      says what this machine lacks; the exit code is 3 where it cannot run a cluster
start      the cluster, from nothing or from where `stop` left it
run ...    a command inside, with kubectl, the kubeconfig and the image builder: run kubectl get pods -A
stop       ends everything and leaves no process, mount or cgroup; images and Debian's packages stay for the next start
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.kubernetes.cluster import machine
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import default_home

CANNOT = 3


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code."""
    match list(arguments):
        case ["check"]:
            return _check()
        case ["start"]:
            return _check() or _start()
        case ["run", program, *rest]:
            _run([program, *rest])
            return 0
        case ["stop"]:
            Cluster(default_home()).stop()
            return 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def _run(arguments: Sequence[str]) -> None:
    """Become the command."""
    cluster = Cluster(default_home())
    command = cluster.namespaces.entering(arguments, Path.cwd())
    os.execvpe(command[0], command, cluster.home.environment())


def _check() -> int:
    lacking = machine.lacks()
    if lacking:
        print("This machine cannot run the test cluster. It lacks:", *lacking, sep="\n  ", file=sys.stderr)
        return CANNOT
    return 0


def _start() -> int:
    Cluster(default_home()).start()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
