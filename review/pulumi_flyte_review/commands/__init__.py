"""The subcommands of `pulumi-flyte`."""
