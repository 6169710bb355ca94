import * as flyte from "@pulumi-flyte/flyte";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const environment = new flyte.Environment("shop");
const key = new flyte.Secret("webhook-api-key", { environment, value: config.requireSecret("webhookApiKey") });
const resize = new flyte.Task("resize", {
    environment,
    source: "tasks.py:resize",
    triggers: { nightly: { cron: "0 2 * * *", inputs: { image: "cat.png" } } },
});
const backend = new flyte.App("backend-api", {
    environment,
    source: "backend.py:app",
    requiresAuth: true,
    scaling: { replicas: 1 },
});
const app = new flyte.App("webhook", {
    environment: environment.settings,
    source: "webhook.py:app",
    inputs: { backend_url: backend, resize: resize.link },
    secrets: { WEBHOOK_API_KEY: key },
});

export const webhook = app.publicEndpoint;
export const version = resize.version;
