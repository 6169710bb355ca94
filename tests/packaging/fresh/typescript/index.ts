import * as flyte from "@pulumi-flyte/flyte";

const environment = new flyte.Environment("shop");
const app = new flyte.App("rates", { environment, source: "rates.py:app" });

export const rates = app.publicEndpoint;
