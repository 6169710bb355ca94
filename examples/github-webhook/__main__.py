"""A push to a repository starts a run. GitHub and the app share a secret, which signs each delivery."""

import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
ci = Environment("ci")

key = Secret("github-secret", environment=ci, value=config.require_secret("githubSecret"))
build = Task("build", environment=ci, source="tasks.py:build")
webhook = App(
    "webhook", environment=ci, source="webhook.py:app", inputs={"build": build}, secrets={"GITHUB_SECRET": key}
)

pulumi.export("webhook", webhook.public_endpoint)
