"""The log of an app that starts. It shows that a start fails before the platform reports it.

These facts are about Flyte OSS (flyteorg/flyte `app/internal`) and Kubernetes:

- The API shows no pods, and Knative reports a failed start only at its progress deadline, 600 seconds by default.
- The log is that of the pods. A stream follows a container while it runs. If a stream ends, its container has ended,
  and the next stream belongs to the next start.
- If a container was never started, the error says why it waits (kubernetes `kubelet_pods.go`,
  validateContainerLogStatus).
- Until a revision has become ready, the log has the lines of all pods of the app, even of revisions that failed before.
  The names of pods contain the number of their revision, and only the newest revision is used.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from connectrpc.errors import ConnectError
from flyteidl2.app import app_definition_pb2 as pb

from pulumi_flyte_provider.resources.app.log import groups, stamped_lines, tail
from pulumi_flyte_provider.resources.operation import Operation

FOLLOW_SECONDS = 1.0
FAILED_STARTS = 3  # of one container, with the same last line
STUCK_LOOKS = 3  # one after the other
SHOWN_LINES = 200
_WAITING = re.compile(r'in pod "(?P<pod>[^"]+)" is waiting to start: (?P<reason>.+)')
_NORMAL = ("ContainerCreating", "PodInitializing")
_IMAGE = ("image can't be pulled", "trying and failing to pull image", "InvalidImageName", "ErrImageNeverPull")


@dataclass
class StartLog:
    """The log of an app that is starting. Each line is shown once."""

    operation: Operation
    identifier: pb.Identifier
    _shown: set[str] = field(default_factory=set)
    _ended: dict[tuple[str, str], str] = field(default_factory=dict)
    _waits: list[str] = field(default_factory=list)
    _newest: str = ""

    def look(self) -> None:
        """Show new lines, and record the starts that have ended."""
        replicas: dict[str, list[tuple[str, str]]] = {}
        waits: str | None = None
        ended = False
        try:
            for response in tail(self.operation.connection, self.identifier, FOLLOW_SECONDS):
                self._newest = max([self._newest, *(_revision(item.name) for item in response.replicas.replicas)])
                for group in groups(response):
                    replicas.setdefault(group.replica_id.name, []).extend(stamped_lines(group))
            ended = True
        except ConnectError as error:
            waits = self._waiting_for(error)
        self._waits = [*self._waits, waits] if waits is not None else []
        for replica, lines in replicas.items():
            if _revision(replica) != self._newest:
                continue
            self._show([text for _, text in lines])
            # Without times, this start cannot be distinguished from the next one.
            if ended and lines and lines[0][0]:
                self._ended[replica, lines[0][0]] = lines[-1][1]

    def _waiting_for(self, error: ConnectError) -> str | None:
        match = _WAITING.search(error.message)
        if match is None or _revision(match["pod"]) != self._newest:
            return None
        reason = match["reason"].strip()
        return None if reason in _NORMAL else reason

    def hopeless(self, image: str) -> str | None:
        """Return the reason why the app will not start, or None if it may still start."""
        if len(self._waits) >= STUCK_LOOKS:
            reason = self._waits[-1]
            if reason in _IMAGE:
                return (
                    f"the image {image!r} cannot be pulled ({reason}): is its name right, is it pushed, and may the"
                    " cluster pull it?"
                )
            return f"its container cannot be started: {reason}"
        starts = Counter(
            (replica, re.sub(r"\d+", "0", line))
            for (replica, _), line in self._ended.items()
            if _revision(replica) == self._newest
        )
        most = max(starts.values(), default=0)
        return f"it has ended {most} times in the same way while it started" if most >= FAILED_STARTS else None

    def _show(self, lines: list[str]) -> None:
        new = [line for line in dict.fromkeys(lines) if line not in self._shown]
        new = new[: max(0, SHOWN_LINES - len(self._shown))]
        self._shown.update(new)
        if new:
            self.operation.say("its log:\n" + "\n".join(f"    {line}" for line in new))


def _revision(pod: str) -> str:
    """Return the revision of a pod: `web-shop-00002` for `web-shop-00002-deployment-7c9d-x2x`."""
    return pod.rpartition("-deployment-")[0]
