"""Unit tests of a program: run it without an engine, the plugin or a platform, and look at what it declares.

stack = run_program("__main__.py", config={"shop:apiKey": "secret"})
assert stack.app("web")["endpoint"] == "http://127.0.0.1:8480/apps/shop/development/web"
"""

from pulumi_flyte.testing.declared_stack import DeclaredResource, DeclaredStack, NotDeclaredError
from pulumi_flyte.testing.run import run_program
from pulumi_flyte.testing.values import UNKNOWN, SecretValue, Unknown, Value

__all__ = [
    "UNKNOWN",
    "DeclaredResource",
    "DeclaredStack",
    "NotDeclaredError",
    "SecretValue",
    "Unknown",
    "Value",
    "run_program",
]
