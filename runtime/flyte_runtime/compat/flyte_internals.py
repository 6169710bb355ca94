"""The private names of Flyte's SDK that this package uses. Checked with flyte 2.12.

The command of a container names the class that loads its code (`--resolver`). The SDK has no public names for its own
classes of that kind. There is no upstream issue for one yet.
"""

from flyte._internal.resolvers.app_env import AppEnvResolver as AppEnvResolver
from flyte._internal.resolvers.default import DefaultTaskResolver as DefaultTaskResolver

__all__ = ["AppEnvResolver", "DefaultTaskResolver"]
