"""A model behind an API, with a task that evaluates it each night, as the team Acme runs them."""

from typing import TypedDict

import pulumi
from pulumi_flyte import App, Environment, Secret, Task
from typing_extensions import NotRequired


class ScoredServiceArgs(TypedDict):
    """The arguments of a ScoredService. They are all that a product team decides."""

    app: str
    """The app, such as `scorer.py:app`."""
    task: str
    """The task that evaluates the model, such as `tasks.py:evaluate`."""
    key: pulumi.Input[str]
    """The key of the model's store."""
    replicas: NotRequired[int]
    """The number of replicas; 1 by default."""


class ScoredService(pulumi.ComponentResource):
    """A model behind an API, and its evaluation each night. Both have the key of the model's store."""

    url: pulumi.Output[str]
    """The URL of the API."""
    evaluation: pulumi.Output[str]
    """The name of the task."""

    def __init__(self, name: str, args: ScoredServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("acme:index:ScoredService", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        shop = Environment(name, opts=child)
        key = Secret(f"{name}-key", environment=shop, value=args["key"], opts=child)
        app = App(
            f"{name}-api",
            environment=shop,
            source=args["app"],
            secrets={"MODEL_KEY": key},
            scaling={"replicas": int(args.get("replicas", 1))},
            timeouts={"request": 30},
            opts=child,
        )
        task = Task(
            f"{name}-evaluation",
            environment=shop,
            source=args["task"],
            inputs={"api": app},
            triggers={"nightly": {"cron": "0 2 * * *"}},
            opts=child,
        )
        self.url, self.evaluation = app.public_endpoint, task.name
        self.register_outputs({"url": self.url, "evaluation": self.evaluation})
