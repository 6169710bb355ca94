"""The private names of Flyte's SDK that this package uses. Checked with flyte 2.12.

The SDK lets a container's command name the class that loads its code (`--resolver`), and has no public name for its own
such classes. There is no upstream issue for one yet.
"""

from flyte._internal.resolvers.app_env import AppEnvResolver as AppEnvResolver
from flyte._internal.resolvers.default import DefaultTaskResolver as DefaultTaskResolver

__all__ = ["AppEnvResolver", "DefaultTaskResolver"]
