"""The key of an app whose callers need credentials, as the component of a caller gets it."""

from __future__ import annotations

import pulumi

from pulumi_flyte.wiring.edge import CallerKey


def key_by_urn(urn: str) -> CallerKey:
    """Return the key by the URN of its `flyte:api:AuthKey`.

    Between languages only the URN crosses the engine, as a secret inside of a link would make the whole link secret.
    The private key makes the answer secret as a whole. The time of a key is not secret, as in the key's own outputs.
    """
    answer = pulumi.runtime.invoke_output("pulumi:pulumi:getResource", {"urn": urn})
    private_key: pulumi.Output[str] = answer.apply(lambda resource: resource["state"]["privateKey"])
    created_at: pulumi.Output[int] = answer.apply(lambda resource: int(resource["state"]["createdAt"]))
    return CallerKey(pulumi.Output.secret(private_key), pulumi.Output.unsecret(created_at))
