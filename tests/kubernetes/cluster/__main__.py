"""The command `python -m tests.kubernetes.cluster`.

check      says what this machine lacks; the exit code is 3 where it cannot run a cluster
start      the cluster, from nothing or from where `stop` left it
run ...    a command inside, with kubectl, the kubeconfig and the image builder: run kubectl get pods -A
test ...   pytest inside, with a cluster of its own where none runs: test -n 2
stop       ends everything and leaves no process, mount or cgroup; images and Debian's packages stay for the next start
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.kubernetes.cluster import machine
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.errors import ClusterError
from tests.kubernetes.cluster.home import default_home


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns the exit code."""
    match list(arguments):
        case ["check"]:
            return machine.main()
        case ["start"]:
            return machine.main() or _start()
        case ["run", program, *rest]:
            _run([program, *rest])
            return 0
        case ["test", *rest]:
            return machine.main() or _test(rest)
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


def _start() -> int:
    """Start the cluster, or leave nothing of it."""
    cluster = Cluster(default_home())
    try:
        cluster.start()
    except BaseException:
        cluster.stop()
        raise
    return 0


def _test(arguments: Sequence[str]) -> int:
    """Run pytest inside. A cluster that ran before goes on; one that this starts is stopped, also after a signal."""
    cluster = Cluster(default_home())
    is_ours = not cluster.namespaces.exist
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        cluster.start()
        pytest = [sys.executable, "-m", "pytest", "-m", "cluster and not soak", "tests/kubernetes", *arguments]
        with subprocess.Popen(
            cluster.namespaces.entering(pytest, Path.cwd()), env=cluster.home.environment()
        ) as process:
            try:
                return process.wait()
            except BaseException:  # an interrupt reaches pytest as well; a SIGTERM does not
                process.terminate()
                raise
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        if is_ours:
            cluster.stop()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
