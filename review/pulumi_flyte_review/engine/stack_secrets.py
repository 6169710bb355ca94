"""`StackSecrets`: the secret values of a stack, read while the engine works."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from pulumi_flyte.notation.engine_marks import SECRET, SIGNATURE

from pulumi_flyte_review.engine.pulumi import Program, output_of
from pulumi_flyte_review.engine.secret_values import of_configuration, of_state
from pulumi_flyte_review.errors import EngineError

# The word in place of a secret, and the mark of one among the stack's outputs.
_HIDDEN = (json.dumps(SECRET).encode(), SIGNATURE.encode())


class StackSecrets:
    """The secret values of a stack.

    They are read once an event shows that there are any: reading them takes two processes, a second each.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._threads = ThreadPoolExecutor(2)
        self._readings: list[Future[frozenset[str]]] = []

    def see(self, line: bytes) -> None:
        """Look at a line of the event log. The first one holds the whole configuration."""
        if not self._readings and any(sign in line for sign in _HIDDEN):
            self._read(of_state, "stack", "export", "--show-secrets")
            self._read(of_configuration, "config", "--show-secrets", "--json")

    def values(self) -> frozenset[str]:
        """Wait for the values, and return them.

        Raises EngineError where they cannot be read: a report could show one of them.
        """
        self._threads.shutdown()
        return frozenset().union(*(reading.result() for reading in self._readings))

    def readable_values(self) -> frozenset[str]:
        """Wait for the values, and return those that can be read. With a wrong passphrase, there are none."""
        self._threads.shutdown()
        successes = (reading.result() for reading in self._readings if reading.exception() is None)
        return frozenset().union(*successes)

    def _read(self, values_of: Callable[[Any], Iterable[str]], *command: str) -> None:
        self._readings.append(self._threads.submit(self._values, values_of, command))

    def _values(self, values_of: Callable[[Any], Iterable[str]], command: tuple[str, ...]) -> frozenset[str]:
        try:
            return frozenset(values_of(json.loads(output_of(self._program, list(command)))))
        except (EngineError, ValueError) as error:
            raise EngineError(
                f"`pulumi {' '.join(command)}` does not show the secret values, so the report cannot mask them: {error}"
            ) from None
