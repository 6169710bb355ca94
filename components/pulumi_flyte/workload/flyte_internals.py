"""The private names of Flyte's SDK that this room uses, as text in a container's command. Checked with flyte 2.12.

The command that the SDK serialises names the class that loads the container's code (`--resolver`), which has no public
name. There is no upstream issue for one yet.
"""

APP_RESOLVER = "flyte._internal.resolvers.app_env.AppEnvResolver"
TASK_RESOLVER = "flyte._internal.resolvers.default.DefaultTaskResolver"
