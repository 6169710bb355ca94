"""Images with the code baked in: the layers of an app on the platform `kubernetes`, and what is in none of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.images.conftest import built_reference
from tests.kubernetes.images.registry import PushedImage, layer_content, pushed
from tests.kubernetes.stack import ClusterStack

CANARY = "canary-5b1f0c"
PROGRAM = """
    import pulumi
    from pulumi_flyte import App, Environment, Secret

    shop = Environment("shop")
    key = Secret("key", environment=shop, value=pulumi.Config().require_secret("key"))
    App("web", environment=shop, source="web.py:app", secrets={"API_KEY": key})
"""
WEB = """
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/greeting")
    def greeting() -> str:
        return "hello"
"""
IMAGE, APP = "docker-build:index:Image::web-image", "kubernetes:apps/v1:Deployment::web"


@pytest.fixture
def app(make_stack: Callable[..., ClusterStack]) -> ClusterStack:
    """A stack of one app that reads a secret."""
    stack = make_stack()
    stack.init()
    stack.write({"__main__.py": PROGRAM, "web.py": WEB})
    stack.configure({"key": f"{CANARY}-value"}, secret=True)
    return stack


def image_of(stack: ClusterStack) -> PushedImage:
    """Return the image of the app as it is in the registry."""
    image = pushed(built_reference(stack))
    assert image is not None
    return image


def test_a_line_of_code_is_one_layer(app: ClusterStack) -> None:
    app.deployed()
    before = image_of(app)
    assert before.config["config"]["User"] == "65532:65532"
    again = app.up()
    assert again.steps == {}, again.text
    app.write({"web.py": WEB.replace("hello", "good day")})
    changed = app.deployed().changed
    assert IMAGE in changed
    assert len(changed) == 2, changed
    after = image_of(app)
    assert len(after.layers) == len(before.layers)
    # The last instruction, USER, makes no layer.
    assert after.layers[:-1] == before.layers[:-1]
    assert after.layers[-1] != before.layers[-1]
    app.wait_for_rollouts()
    (pod,) = [pod for pod in app.pods("web") if "deletionTimestamp" not in pod["metadata"]]
    assert pod["spec"]["containers"][0]["image"] == built_reference(app)


def test_a_secret_is_in_no_layer_history_or_log(app: ClusterStack, cluster: Cluster) -> None:
    log = cluster.home.log / "buildkitd.log"
    seen = log.stat().st_size
    token = f"{CANARY}-token"
    app.pulumi("config", "set", "--secret", "--path", "flyte:buildSecrets.INDEX_TOKEN", token, check=True)
    app.configure({"flyte:registryUsername": "robot"})
    app.configure({"flyte:registryPassword": f"{CANARY}-password"}, secret=True)
    outcome = app.up()
    assert outcome.code == 0, outcome.text
    image = image_of(app)
    assert not [digest for digest in image.layers if CANARY.encode() in layer_content(image, digest)]
    texts = {
        "history": str(image.config),
        "output": outcome.text,
        "events": str(outcome.events),
        "builder's log": log.read_bytes()[seen:].decode(errors="replace"),
        "objects": str(app.cluster.objects("deployments,pods,services", "-n", app.namespace)),
        "state": str(app.export()),
        **{str(path): path.read_text() for path in (app.folder / ".pulumi-flyte").rglob("*") if path.is_file()},
    }
    assert not [name for name, text in texts.items() if CANARY in text]
