import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
shop = Environment("shop")
key = Secret("webhook-api-key", environment=shop, value=config.require_secret("webhookApiKey"))
nightly = {"cron": "0 2 * * *", "inputs": {"image": "cat.png"}}
resize = Task("resize", environment=shop, image="registry.example.com/shop:1", source="tasks.py:resize", triggers={"nightly": nightly})
backend = App("backend-api", environment=shop, image="registry.example.com/shop:1", source="backend.py:app", requires_auth=True)
webhook = App(
    "webhook",
    environment=shop,
    image="registry.example.com/shop:1", source="webhook.py:app",
    inputs={"backend_url": backend, "resize": resize},
    secrets={"WEBHOOK_API_KEY": key},
    env={"COLOUR": "blue"},
    timeouts={"request": 30},
)
pulumi.export("webhook", webhook.public_endpoint)
pulumi.export("version", resize.version)
