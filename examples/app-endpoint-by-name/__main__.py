"""Two apps that call each other. References cannot form a cycle, names can: a name orders nothing."""

import pulumi
from pulumi_flyte import App, AppEndpoint, Environment

shop = Environment("shop")

# By name: it need not be declared here, nor be up. In another project: AppEndpoint("orders", project="shop").
stock = App("stock", environment=shop, source="stock.py:app", inputs={"orders": AppEndpoint("orders")})
orders = App("orders", environment=shop, source="orders.py:app", inputs={"stock": stock})

pulumi.export("orders", orders.public_endpoint)
