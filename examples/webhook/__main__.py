"""Webhooks that start runs. The key is a secret of the stack. The app gets it from the platform's secret store."""

import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
shop = Environment("shop")

key = Secret("webhook-key", environment=shop, value=config.require_secret("webhookKey"))
ship = Task("ship", environment=shop, source="tasks.py:ship")
refund = Task("refund", environment=shop, source="tasks.py:refund")
webhook = App(
    "webhook",
    environment=shop,
    source="webhook.py:app",
    inputs={"ship": ship, "refund": refund},
    secrets={"WEBHOOK_KEY": key},
)

pulumi.export("webhook", webhook.public_endpoint)
