"""A model of handwritten digits: training, serving, evaluation, retraining by webhook, and a dashboard.

    browser → dashboard → gateway → model-api ⇠ train     (⇠ its newest model)
                          gateway ⇒ train, evaluate       (⇒ starts runs)
                                    evaluate → model-api  (→ HTTP)

Every arrow is a reference in the program below. Pulumi checks the references, deploys in their order, and passes each
container the addresses that it needs.
"""

import pulumi
from pulumi_flyte import App, Environment, Secret, Task

config = pulumi.Config()
# Locally, this program's Python runs everything. A cluster needs an image with scikit-learn, fastapi and streamlit.
ml = Environment("ml", image=config.get("image"))

key = Secret("webhook-key", environment=ml, value=config.require_secret("webhookKey"))

train = Task("train", environment=ml, source="tasks.py:train")
model_api = App("model-api", environment=ml, source="model_api.py:app", inputs={"train": train})
evaluate = Task("evaluate", environment=ml, source="tasks.py:evaluate", inputs={"model_api": model_api})
gateway = App(
    "gateway",
    environment=ml,
    source="gateway.py:app",
    inputs={"model_api": model_api, "train": train, "evaluate": evaluate},
    secrets={"WEBHOOK_KEY": key},
)
dashboard = App(
    "dashboard",
    environment=ml,
    command=["streamlit", "run", "dashboard.py", "--server.port", "8080"],
    args=["--server.headless", "true", "--browser.gatherUsageStats", "false"],
    include=["dashboard.py"],
    health="/_stcore/health",
    inputs={"gateway": gateway},
)

pulumi.export("gateway", gateway.public_endpoint)
pulumi.export("modelApi", model_api.public_endpoint)
pulumi.export("dashboard", dashboard.public_endpoint)
pulumi.export("console", gateway.console_url)
