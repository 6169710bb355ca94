"""The app in the shape of another project, applied by kubectl."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tests.kubernetes.load import container_images, shapes
from tests.kubernetes.load.running_app import RunningApp


@dataclass
class ManifestsApp(RunningApp):
    """Manifests of a shape. A secret is changed in place, which no pod notices, so a rotation takes the restart that
    their users add by hand."""

    shape: shapes.Shape = field(kw_only=True)
    namespace: str = field(kw_only=True)
    turn: int = 0
    image: str = container_images.reference(0)

    def deploy(self) -> None:
        secret = shapes.key(self.namespace, f"value-{self.turn}")
        objects = shapes.manifests(self.shape, self.namespace, self.image, self.replicas)
        items = {"apiVersion": "v1", "kind": "List", "items": [secret, *objects]}
        self.kubectl("apply", "-f", "-", stdin=json.dumps(items))
        self.settle()

    def change_code(self) -> None:
        self.turn += 1
        self.image = container_images.reference(self.turn % 2)
        self.deploy()

    def change_image(self) -> None:
        self.turn += 1
        self.image = container_images.reference(0, self.turn % 2)
        self.deploy()

    def change_secret(self) -> None:
        self.turn += 1
        self.deploy()
        self.kubectl("rollout", "restart", f"deployment/{shapes.APP}")
        self.settle()

    def scale(self, replicas: int) -> None:
        self.replicas = replicas
        self.deploy()
