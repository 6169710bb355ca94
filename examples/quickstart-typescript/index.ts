// The quickstart in TypeScript. The tasks and apps are those of ../quickstart.
import * as flyte from "@pulumi-flyte/flyte";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
// Locally, the plugin's Python runs everything. A cluster needs an image with scikit-learn, fastapi and streamlit.
const environment = new flyte.Environment("ml", { image: config.get("image") });

const key = new flyte.Secret("webhook-key", { environment, value: config.requireSecret("webhookKey") });

const train = new flyte.Task("train", { environment, source: "tasks.py:train" });
const api = new flyte.App("model-api", { environment, source: "model_api.py:app", inputs: { train } });
const evaluate = new flyte.Task("evaluate", {
    environment,
    source: "tasks.py:evaluate",
    inputs: { model_api: api },
});
const front = new flyte.App("gateway", {
    environment,
    source: "gateway.py:app",
    inputs: { model_api: api, train, evaluate },
    secrets: { WEBHOOK_KEY: key },
});
const page = new flyte.App("dashboard", {
    environment,
    command: ["streamlit", "run", "dashboard.py", "--server.port", "8080"],
    args: ["--server.headless", "true", "--browser.gatherUsageStats", "false"],
    include: ["dashboard.py"],
    health: "/_stcore/health",
    inputs: { gateway: front },
});

export const gateway = front.publicEndpoint;
export const modelApi = api.publicEndpoint;
export const dashboard = page.publicEndpoint;
export const console = front.consoleUrl;
