"""Every example, unchanged, on `kubernetes`: the sixteen defaults that nobody asks for, over all objects."""

from __future__ import annotations

import runpy
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi_flyte.testing import UNKNOWN

from tests.components.mocks.manifests import WITH_FLYTE, declared, manifest_of, objects_of
from tests.components.mocks.registrations import Program
from tests.components.platforms.kubernetes.pod_security import violations

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
CONFIG = {
    **WITH_FLYTE,
    "flyte:registry": "registry.example.com/shop",
    **{f"shop:{key}": "s3cret" for key in ("webhookKey", "githubSecret", "greetingKey")},
}
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/__main__.py"))
MARKS = ("app.kubernetes.io/part-of", "app.kubernetes.io/managed-by")

Object = Mapping[str, Any]


def run_example(name: str, monkeypatch: pytest.MonkeyPatch, *, preview: bool = False) -> Program:
    """Run a copy of an example in the test's folder, where its images are staged."""
    folder = Path.cwd() / name
    if Path.cwd().name == name:
        folder = Path.cwd()
    else:
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns(".*"))
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)

    def declare() -> None:
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

    try:
        return declared(declare, CONFIG, preview=preview)
    finally:
        for module in set(sys.modules) - before:  # the next example has modules of the same names
            if str(getattr(sys.modules[module], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[module]


def pod(deployment: Object) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


def container(deployment: Object) -> Mapping[str, Any]:
    first: Mapping[str, Any] = pod(deployment)["containers"][0]
    return first


DEFAULTS: Mapping[str, Callable[[Object], object]] = {
    "probes": lambda it: {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container(it)),
    "no pod goes before another is ready": lambda it: (
        it["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    ),
    "grace period longer than the drain": lambda it: (
        pod(it)["terminationGracePeriodSeconds"] > 25 + container(it)["lifecycle"]["preStop"]["sleep"]["seconds"]
    ),
    "a fixed user that is not root": lambda it: pod(it)["securityContext"]["runAsUser"] == 65532,
    "no privileges, profile of the runtime": lambda it: not violations(pod(it)),
    "no capabilities": lambda it: container(it)["securityContext"]["capabilities"] == {"drop": ["ALL"]},
    "read-only root, writable /tmp": lambda it: (
        container(it)["securityContext"]["readOnlyRootFilesystem"]
        and "/tmp" in [mount["mountPath"] for mount in container(it)["volumeMounts"]]
    ),
    "requests and limits": lambda it: (
        {"cpu", "memory"} <= set(container(it)["resources"]["requests"]) & set(container(it)["resources"]["limits"])
    ),
    "spread over nodes and zones": lambda it: len(pod(it)["topologySpreadConstraints"]) == 2,
    "an account of its own": lambda it: pod(it)["serviceAccountName"] == it["metadata"]["name"],
    "no token": lambda it: pod(it)["automountServiceAccountToken"] is False,
    "no service links": lambda it: pod(it)["enableServiceLinks"] is False,
    "bounded history": lambda it: it["spec"]["revisionHistoryLimit"] == 3,
    "standard labels": lambda it: set(MARKS) <= set(it["spec"]["template"]["metadata"]["labels"]),
    "image by content": lambda it: len(container(it)["image"].rpartition(":")[2]) >= 12,
    "the last words of a process that died": lambda it: (
        container(it)["terminationMessagePolicy"] == "FallbackToLogsOnError"
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_no_default_has_to_be_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests = [manifest_of(each) for each in objects_of(run_example(name, monkeypatch))]
    deployments = [each for each in manifests if each["kind"] == "Deployment"]
    assert deployments
    for deployment in deployments:
        missing = [default for default, holds in DEFAULTS.items() if not holds(deployment)]
        assert not missing, f"{deployment['metadata']['name']}: {missing}"
    for manifest in manifests:
        assert set(MARKS) <= set(manifest["metadata"]["labels"]), manifest["metadata"]
    for kind in ("ServiceAccount", "Service"):
        assert sum(each["kind"] == kind for each in manifests) == len(deployments)


@pytest.mark.parametrize("name", NAMES)
def test_a_preview_names_what_an_update_makes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = run_example(name, monkeypatch, preview=True)
    assert preview.names == run_example(name, monkeypatch).names
    images = [
        each.inputs["spec"]["template"]["spec"] for each in objects_of(preview) if each.type.endswith("Deployment")
    ]
    assert UNKNOWN not in [each["containers"][0]["image"] for each in images]


def test_the_value_of_a_secret_is_in_its_secret_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    program = run_example("webhook", monkeypatch)
    holders = {each.type for each in program.resources if "s3cret" in each.in_clear}
    assert holders == {"index:Secret", "kubernetes:core/v1:Secret", "api:Secret"}
