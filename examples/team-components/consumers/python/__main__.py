"""A product team's program in Python: it imports the component."""

import pulumi
from acme_flyte import ScoredService

key = pulumi.Config().require_secret("modelKey")
fraud = ScoredService(
    "fraud",
    {"app": "../code/scorer.py:app", "task": "../code/tasks.py:evaluate", "key": key, "replicas": 2},
)

pulumi.export("url", fraud.url)
pulumi.export("evaluation", fraud.evaluation)
