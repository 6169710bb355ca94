"""The stacks whose states each release leaves: programs that use every component on every platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.e2e.programs import KEY, SHOP

# Versions of apps depend on the URLs that they call, so a state is of fixed ports.
LOCAL_PORT, FLYTE_PORT = 24817, 24818
CODE = {name: text for name, text in SHOP.items() if name != "__main__.py"}
HEAD = "name: shop\nruntime: python\n"
SECRET = {"webhookApiKey": KEY}
LOCAL = {"flyte:localPort": str(LOCAL_PORT)}
FLYTE = {
    "flyte:platform": "flyte",
    "flyte:endpoint": f"dns:///127.0.0.1:{FLYTE_PORT}",
    "flyte:insecure": "true",
    "flyte:baseDomain": "apps.example.com",
}
KUBERNETES = {
    "flyte:platform": "kubernetes",
    "flyte:registry": "registry.example.com/shop",
    "flyte:ingressHost": "{app}.example.com",
    "flyte:endpoint": "dns:///flyte.example.com",
}

PYTHON = """\
import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
shop = Environment("shop")
key = Secret("webhook-api-key", environment=shop, value=config.require_secret("webhookApiKey"))
nightly = {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}
resize = Task("resize", environment=shop, source="tasks.py:resize", triggers={"nightly": nightly})
backend = App("backend-api", environment=shop, source="backend.py:app", requires_auth=True)
webhook = App(
    "webhook",
    environment=shop,
    source="webhook.py:app",
    inputs={"backend_url": backend, "resize": resize},
    secrets={"WEBHOOK_API_KEY": key},
    env={"COLOUR": "blue"},
    timeouts={"request": 30},
)
pulumi.export("webhook", webhook.public_endpoint)
pulumi.export("version", resize.version)
"""
# A derived image would have the versions of this machine's packages in its tag.
WITH_IMAGE = PYTHON.replace('source="', 'image="registry.example.com/shop:1", source="')
YAML = """\
name: shop
runtime: yaml
config:
  webhookApiKey: {type: string, secret: true}
resources:
  shop: {type: flyte:Environment}
  webhook-api-key:
    type: flyte:Secret
    properties: {environment: "${shop}", value: "${webhookApiKey}"}
  resize:
    type: flyte:Task
    properties:
      environment: ${shop}
      source: tasks.py:resize
      triggers: {nightly: {cron: 0 2 * * *, inputs: {image: cat.png}}}
  backend-api:
    type: flyte:App
    properties: {environment: "${shop}", source: backend.py:app, requiresAuth: true}
  webhook:
    type: flyte:App
    properties:
      environment: ${shop}
      source: webhook.py:app
      inputs: {backend_url: "${backend-api}", resize: "${resize}"}
      secrets: {WEBHOOK_API_KEY: "${webhook-api-key}"}
outputs:
  webhook: ${webhook.publicEndpoint}
"""


@dataclass(frozen=True)
class Case:
    """A program, and the configuration of its stack `dev`."""

    name: str
    files: Mapping[str, str]
    config: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=lambda: SECRET)


CASES = (
    Case("local", {"Pulumi.yaml": HEAD, "__main__.py": PYTHON, **CODE}, LOCAL),
    Case("yaml", {"Pulumi.yaml": YAML, **CODE}, LOCAL),
    Case("flyte", {"Pulumi.yaml": HEAD, "__main__.py": WITH_IMAGE, **CODE}, FLYTE),
    Case("kubernetes", {"Pulumi.yaml": HEAD, "__main__.py": WITH_IMAGE, **CODE}, KUBERNETES),
)
