"""The secret values of a stack, as Pulumi's commands print them."""

from __future__ import annotations

from pulumi_flyte_review.engine.secret_values import of_configuration, of_state

MARK = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def test_secrets_of_the_configuration_are_found_also_inside_documents() -> None:
    document = {
        "shop:plain": {"value": "shown", "secret": False},
        "shop:key": {"value": "s3cret", "secret": True},
        "shop:database": {
            "value": '{"password":"pw-1"}',
            "secret": True,
            "objectValue": {"password": "pw-1", "port": 5432},
        },
    }
    assert set(of_configuration(document)) == {"s3cret", "pw-1", "5432"}


def test_secrets_of_the_state_are_found_wherever_they_are() -> None:
    state = {
        "deployment": {
            "resources": [
                {"inputs": {"value": {**MARK, "plaintext": '"old-value"'}, "name": "key"}},
                {
                    "outputs": {
                        "list": [{**MARK, "plaintext": '{"token":"t-1","on":true}'}],
                        "encrypted": {**MARK, "ciphertext": "v1:x"},
                    }
                },
            ]
        }
    }
    assert set(of_state(state)) == {"old-value", "t-1"}
