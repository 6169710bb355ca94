"""The errors of the plugin. The engine prints their texts.

ProviderError               one sentence for the user: the problem, the value, what to do
├── ConfigError             the provider's own settings
├── UnreachableError        no Flyte API answers at the endpoint
├── ApiError                the Flyte API refused a call
│   ├── NotFoundError
│   └── AlreadyExistsError
├── OwnershipError          the object exists and belongs to somebody else
├── MissingProjectError     the Flyte project does not exist
├── MissingTaskError        an object refers to a version of a task that does not exist
├── BundleError             a code bundle is missing, or its upload failed
├── CancelledByPulumi       Pulumi cancelled the operation
└── NotReadyError           the object exists but does not work; state keeps it as a partial failure
"""

from __future__ import annotations


class ProviderError(Exception):
    """The base class of all errors that the plugin reports. The text is for the user."""


class ConfigError(ProviderError):
    """A setting of the provider is not valid."""


class UnreachableError(ProviderError):
    """Nothing answers at the endpoint, or another server than a Flyte API."""


class ApiError(ProviderError):
    """The Flyte API refused a call. `code` is the name of the Connect code, such as `invalid_argument`."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotFoundError(ApiError):
    """The object does not exist."""


class AlreadyExistsError(ApiError):
    """An object with this name exists."""


class OwnershipError(ProviderError):
    """The object exists and does not belong to this resource."""


class MissingProjectError(ProviderError):
    """The Flyte project does not exist."""


class MissingTaskError(ProviderError):
    """An app, a task or a trigger names a version of a task that does not exist."""


class BundleError(ProviderError):
    """A code bundle is not on this machine, or its upload failed."""


class CancelledByPulumi(ProviderError):
    """Pulumi asked to stop while an operation was waiting."""


class NotReadyError(ProviderError):
    """An object was created but does not work. State keeps it, and the next `up` tries again."""
