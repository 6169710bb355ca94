"""Two apps that call each other. References must not form a cycle, so one of them refers to the other by name."""

import pulumi
from pulumi_flyte import App, AppEndpoint, Environment

shop = Environment("shop")

# An app that is referred to by name may be declared elsewhere. For another project: AppEndpoint("orders",
# project="shop").
stock = App("stock", environment=shop, source="stock.py:app", inputs={"orders": AppEndpoint("orders")})
orders = App("orders", environment=shop, source="orders.py:app", inputs={"stock": stock})

pulumi.export("orders", orders.public_endpoint)
