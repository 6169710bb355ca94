"""The exception tree.

LocalServerError
├── HomeError            the home folder cannot be used: permissions, not a directory, written by a newer version
├── PortTakenError       something else listens on the port
├── StartError           the server process did not come up
├── NotRunningError      the server was expected to run
├── ImageError           an image's packages cannot be installed
└── AppError             an app cannot be run as declared
    ├── NotFoundError    no such app
    └── InvalidAppError  its specification is wrong

Every message is one sentence for a person: what happened, the value seen, what to do.
"""

from __future__ import annotations


class LocalServerError(Exception):
    """Anything that the local control plane reports to a person."""


class HomeError(LocalServerError):
    """The home folder cannot be used."""


class PortTakenError(LocalServerError):
    """Something else listens on the port."""


class StartError(LocalServerError):
    """The server process did not come up."""


class NotRunningError(LocalServerError):
    """The server was expected to run and does not."""


class ImageError(LocalServerError):
    """An image's packages cannot be installed."""


class AppError(LocalServerError):
    """An app cannot be run as declared."""


class NotFoundError(AppError):
    """No such app."""


class InvalidAppError(AppError):
    """The app's specification is wrong."""
