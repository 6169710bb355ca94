"""The types of the arguments decide where Outputs are allowed."""

from __future__ import annotations

import pytest
from pulumi_flyte.arguments.app import AppArguments
from pulumi_flyte.arguments.declaration import Declaration
from pulumi_flyte.arguments.environment import EnvironmentArguments
from pulumi_flyte.arguments.output_paths import output_paths
from pulumi_flyte.arguments.secret import SecretArguments
from pulumi_flyte.arguments.task import TaskArguments

WIRED = {"environment.*.**", "inputs.*.**", "secrets.*.**"}


@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        (AppArguments, {*WIRED, "image", "env.*", "command.*", "args.*", "kubernetes.annotations.*"}),
        (TaskArguments, {*WIRED, "image", "env.*", "command.*"}),
        (SecretArguments, {"environment.*.**", "value"}),
        (EnvironmentArguments, {"image", "env.*", "kubernetes.annotations.*", "cluster.route_annotations.*"}),
    ],
)
def test_outputs_are_welcome_where_the_type_of_an_argument_says_so(kind: type[Declaration], paths: set[str]) -> None:
    assert {".".join(path) for path in output_paths(kind)} == paths
