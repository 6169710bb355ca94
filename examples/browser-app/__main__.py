"""Two apps for people: a Streamlit dashboard and a page of plain HTML, both in front of the same service."""

import pulumi
from pulumi_flyte import App, Environment

shop = Environment("shop")

stock = App("stock", environment=shop, source="stock.py:app")
dashboard = App(
    "dashboard",
    environment=shop,
    command=["streamlit", "run", "dashboard.py", "--server.port", "8080"],
    args=["--server.headless", "true", "--browser.gatherUsageStats", "false"],
    include=["dashboard.py"],
    health="/_stcore/health",
    inputs={"stock": stock},
)
page = App("page", environment=shop, source="page.py:app", include=["page.html"], inputs={"stock": stock})

pulumi.export("dashboard", dashboard.public_endpoint)
pulumi.export("page", page.public_endpoint)
