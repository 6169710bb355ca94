"""The version of the distribution `pulumi-flyte`, which is also the plugin's (a test holds them equal)."""

VERSION = "0.1.0"
