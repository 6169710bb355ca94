// The shop in another language, with the package that `make sdk` generates.
import * as flyte from "@pulumi-flyte/flyte";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const environment = new flyte.Environment("shop", { python: config.get("python") });
const key = new flyte.Secret("webhook-api-key", { environment, value: config.requireSecret("webhookApiKey") });
const resize = new flyte.Task("resize", {
    environment,
    source: "tasks.py:resize",
    triggers: { nightly: { cron: "0 2 * * *", inputs: { image: "cat.png" } } },
});
const backend = new flyte.App("backend-api", { environment, source: "backend.py:app" });
const webhook = new flyte.App("webhook", {
    environment: environment.settings,
    source: "webhook.py:app",
    inputs: { backend_url: backend, resize: resize.link },
    secrets: { WEBHOOK_API_KEY: key },
});

export const url = webhook.publicEndpoint;
