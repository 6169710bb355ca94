"""A diff is computed in the plugin's event loop, so it must not wait for anybody; the local server's has a thread."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.naming.urns import Urn
from pulumi_flyte_provider.plugin import catalogue
from pulumi_flyte_provider.resources.operation import Operation
from pulumi_flyte_provider.resources.resource import LooksOutside
from pulumi_flyte_provider.resources.run import Run
from pulumi_flyte_provider.resources.state import State

PURE = [token for token in catalogue.TOKENS if not isinstance(catalogue.resource(token), LooksOutside)]


class Untouched:
    """A stand-in for the connection. A test that uses it fails."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a diff asked the connection for {name!r}")


def test_only_the_local_server_is_looked_at() -> None:
    assert set(catalogue.TOKENS) - set(PURE) == {"flyte:local:Server"}


@pytest.mark.parametrize("token", PURE)
def test_a_diff_asks_nobody(token: str) -> None:
    connection: Any = Untouched()
    urn = Urn.parse(f"urn:pulumi:dev::shop::{token}::web")
    operation = Operation(urn, connection, Run())
    before = {"name": "web", "project": "shop", "domain": "development", "audience": "shop/development/web"}
    old = State("web", before, {})
    difference = catalogue.resource(token).diff(operation, old, {**before, "audience": "other", "name": "api"})
    assert {"name", "audience"} <= {change.path for change in difference.changes}
