"""An app behind another one. The backend starts first, and accepts calls only from the frontend."""

import pulumi
from pulumi_flyte import App, Environment, Link

shop = Environment("shop")

backend = App("backend", environment=shop, source="backend.py:app", requires_auth=True)
frontend = App(
    "frontend",
    environment=shop,
    source="frontend.py:app",
    inputs={"backend": Link(backend, timeout=10, retries=3)},
)

pulumi.export("backend", backend.public_endpoint)
pulumi.export("frontend", frontend.public_endpoint)
