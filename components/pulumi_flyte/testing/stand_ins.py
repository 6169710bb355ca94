"""Stand-ins for the outputs that only the plugin, a platform or another stack knows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pulumi_flyte.problems import nearest
from pulumi_flyte.source.bundle import digest_of
from pulumi_flyte.testing.values import has_secret

# The properties that a resource gets beside its inputs, by its type. The values are those of no platform.
Answer = Callable[[str, Mapping[str, object]], Mapping[str, object]]
STACK_REFERENCE = "pulumi:pulumi:StackReference"


def _secret(name: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
    # Another value gives another version, as with the plugin.
    return {"version": digest_of(repr(inputs.get("value")).encode())[:16]}


def _auth_key(name: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
    return {"privateKey": "a key of no platform", "keys": [], "createdAt": 0}


def _server(name: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
    return {"epoch": 1}


def _app(name: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
    return {} if inputs.get("publicEndpoint") else {"publicEndpoint": f"https://{name}.invalid"}


STAND_INS: Mapping[str, Answer] = {
    "flyte:api:Secret": _secret,
    "flyte:api:AuthKey": _auth_key,
    "flyte:local:Server": _server,
    "flyte:api:App": _app,
}


def stack_outputs(name: str, stacks: Mapping[str, Mapping[str, object]]) -> Mapping[str, object]:
    """Return the outputs of another stack as a `StackReference` has them. Raises LookupError for a stack that the test
    does not give."""
    if name not in stacks:
        raise LookupError(
            f"the program refers to the stack {name!r}: give its outputs, as in"
            f" run_program(…, stacks={{{name!r}: {{…}}}}){nearest(name, stacks) if stacks else ''}"
        )
    outputs = stacks[name]
    secret_names = sorted(output for output, value in outputs.items() if has_secret(value))
    return {"name": name, "outputs": dict(outputs), "secretOutputNames": secret_names}
