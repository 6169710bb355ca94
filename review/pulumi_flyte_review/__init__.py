"""Previews that people can read, and that bind: the command `pulumi-flyte`."""
