"""`PerRun`: a value of one run of a program. A process has several: programs of the Automation API, and unit tests."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from pulumi.runtime import settings as runtime_settings

T = TypeVar("T")


class PerRun(Generic[T]):
    """A value that each run makes for itself when it is first read, and that ends with the run."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: weakref.WeakKeyDictionary[object, T] = weakref.WeakKeyDictionary()

    def current(self) -> T:
        """Return the value of the run that this code is part of. Outside of any run, nothing is remembered."""
        run = runtime_settings.get_monitor()
        if run is None:
            return self._make()
        if run not in self._values:
            self._values[run] = self._make()
        return self._values[run]
