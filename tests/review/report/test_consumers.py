"""Uses in other stacks that an update breaks, told in the report of its preview."""

from __future__ import annotations

import pytest
from pulumi_flyte.naming.urns import STACK
from pulumi_flyte.notation.engine_marks import UNKNOWN
from pulumi_flyte_review.consumers.uses import REFERENCE
from pulumi_flyte_review.model.preview import Json, Preview, Snapshot, Step
from pulumi_flyte_review.report.consumers import with_consumers

OWNER, ROOT = "organization/back/dev", f"urn:pulumi:dev::back::{STACK}::back-dev"
API: dict[str, Json] = {"kind": "app", "project": "back", "domain": "development", "name": "api", "url": "http://api"}
CONSUMER: dict[str, Json] = {
    "urn": "urn:pulumi:dev::web::flyte:index:App::web",
    "type": "flyte:index:App",
    "inputs": {"inputs": {"api": {"to": {**API, "from": {"stack": OWNER, "output": "api"}}, "timeout": 5}}},
}
STATES: dict[str, list[dict[str, Json]]] = {
    OWNER: [{"urn": ROOT, "type": STACK, "outputs": {"api": API}}],
    "organization/web/dev": [CONSUMER],
}


def messages(outputs: dict[str, Json], states: dict[str, list[dict[str, Json]]] = STATES) -> list[str]:
    step = Step(ROOT, STACK, "same", before=Snapshot(outputs={"api": API}), after=Snapshot(outputs=outputs))
    return [each.message for each in with_consumers(Preview("back", "dev", (step,)), states, OWNER).policies]


def test_an_output_that_goes_is_told_with_its_user() -> None:
    policies = messages({"backend": API})
    assert policies == [
        f"organization/web/dev: App web: inputs.api: {OWNER} has no output 'api'; 'backend' is the same app"
    ]


def test_an_output_that_stays_or_is_not_known_yet_breaks_nobody() -> None:
    assert messages({"api": {**API, "version": "another"}}) == []
    assert messages({"api": UNKNOWN}) == []


@pytest.mark.parametrize("value", [["a", "b"], {"port": 80}, 8.5])
def test_an_output_of_any_type_is_used_through_a_stack_reference(value: Json) -> None:
    reference = f"urn:pulumi:dev::web::{REFERENCE}::{OWNER}"
    outputs: dict[str, Json] = {"name": OWNER, "outputs": {"settings": value}}
    user: dict[str, Json] = {
        "urn": "urn:pulumi:dev::web::random:index:RandomString::token",
        "type": "random:index:RandomString",
        "inputs": {"keepers": value},
        "propertyDependencies": {"keepers": [reference]},
    }
    states: dict[str, list[dict[str, Json]]] = {
        OWNER: [{"urn": ROOT, "type": STACK, "outputs": {"settings": value}}],
        "organization/web/dev": [{"urn": reference, "type": REFERENCE, "outputs": outputs}, user],
    }
    steps = [Step(ROOT, STACK, "same", after=Snapshot(outputs=after)) for after in ({"settings": value}, {})]
    first, second = (with_consumers(Preview("back", "dev", (step,)), states, OWNER).policies for step in steps)
    assert first == ()
    assert [each.message for each in second] == [
        f"organization/web/dev: RandomString token: keepers: {OWNER} has no output 'settings'"
    ]


def test_another_kind_and_another_domain_break_a_stack_link() -> None:
    assert messages({"api": "http://api"})[0].endswith("was of the kind app and is of the kind text")
    assert messages({"api": {**API, "domain": "staging"}})[0].endswith("is in the domain 'staging', not 'development'")


def test_a_stack_whose_own_state_is_not_read_has_the_outputs_of_its_preview() -> None:
    assert len(messages({}, {"organization/web/dev": [CONSUMER]})) == 1
