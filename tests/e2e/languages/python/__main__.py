import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
shop = Environment("shop")
key = Secret("webhook-api-key", environment=shop, value=config.require_secret("webhookApiKey"))
resize = Task(
    "resize",
    environment=shop,
    source="tasks.py:resize",
    triggers={"nightly": {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}},
)
backend = App("backend-api", environment=shop, source="backend.py:app", requires_auth=True, scaling={"replicas": 1})
webhook = App(
    "webhook",
    environment=shop,
    source="webhook.py:app",
    inputs={"backend_url": backend, "resize": resize},
    secrets={"WEBHOOK_API_KEY": key},
)

pulumi.export("webhook", webhook.public_endpoint)
pulumi.export("version", resize.version)
