"""The errors of the plugin. The engine prints their texts.

ProviderError               one sentence for a person: what, the value seen, what to do
├── ConfigError             the provider's own settings
├── UnreachableError        no Flyte API answers at the endpoint
├── ApiError                the Flyte API refused a call
│   ├── NotFoundError
│   └── AlreadyExistsError
├── OwnershipError          the object exists and is somebody else's
├── MissingProjectError     the Flyte project does not exist
├── MissingTaskError        what is deployed names a version of a task that does not exist
├── BundleError             code that should be uploaded is not there
├── CancelledByPulumi       Pulumi cancelled the operation
└── NotReadyError           the object exists and does not (yet) work: kept in state as a partial failure
"""

from __future__ import annotations


class ProviderError(Exception):
    """Base of all errors that the plugin reports; its text is for the user."""


class ConfigError(ProviderError):
    """A setting of the provider that cannot be used."""


class UnreachableError(ProviderError):
    """Nothing answers at the endpoint, or what answers is no Flyte API."""


class ApiError(ProviderError):
    """The Flyte API refused a call. `code` is the Connect code's name, such as `invalid_argument`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotFoundError(ApiError):
    """The object does not exist."""


class AlreadyExistsError(ApiError):
    """An object of this name exists."""


class OwnershipError(ProviderError):
    """The object exists and is not this resource's."""


class MissingProjectError(ProviderError):
    """The Flyte project does not exist."""


class MissingTaskError(ProviderError):
    """An app, a task or a trigger names a version of a task that does not exist."""


class BundleError(ProviderError):
    """A code bundle that is not (or no longer) on this machine, or whose upload failed."""


class CancelledByPulumi(ProviderError):
    """Pulumi asked to stop while an operation was waiting."""


class NotReadyError(ProviderError):
    """An object was made and does not work; the state keeps it, the next `up` tries again."""
