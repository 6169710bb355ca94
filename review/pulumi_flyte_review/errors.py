"""Everything that the command reports as an error.

ReviewError
├── EngineError      the preview failed, or the engine could not be started
├── CheckoutError    a Git reference could not be checked out
├── UnusablePoliciesError  the rules of --policies cannot be used
├── StaleReviewError what was reviewed has changed since
└── HostError        the host of the pull request refused the comment
    └── HostBusyError the host asks to come back later
"""

from __future__ import annotations


class ReviewError(Exception):
    """A message for people: what went wrong, the value seen, and what to do."""


class EngineError(ReviewError):
    """The preview failed, or the engine could not be started."""


class CheckoutError(ReviewError):
    """A Git reference could not be checked out."""


class UnusablePoliciesError(ReviewError):
    """The rules of --policies cannot be used."""


class StaleReviewError(ReviewError):
    """The reviewed program, configuration or state has changed since the review."""


class HostError(ReviewError):
    """The host of the pull request refused the comment."""


class HostBusyError(HostError):
    """The host asks to come back later. wait: in seconds, None if it does not say."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait
