// The shop in another language: every component comes from the plugin, nothing is generated.
import * as pulumi from "@pulumi/pulumi";

class Remote extends pulumi.ComponentResource {
    readonly settings!: pulumi.Output<any>;
    readonly link!: pulumi.Output<any>;
    readonly publicEndpoint!: pulumi.Output<string>;

    constructor(type: string, name: string, args: pulumi.Inputs, outputs: string[], opts?: pulumi.ComponentResourceOptions) {
        const props = { ...args };
        for (const output of outputs) {
            props[output] = props[output] ?? undefined;
        }
        super(`flyte:index:${type}`, name, props, { version: "0.1.0", ...opts }, true);
    }
}

const config = new pulumi.Config();
const shop = new Remote("Environment", "shop", { python: config.get("python") }, ["settings"]);
const environment = shop.settings;
const key = new Remote("Secret", "webhook-api-key", { environment, value: config.requireSecret("webhookApiKey") }, ["version", "link"]);
const resize = new Remote("Task", "resize", { environment, source: "tasks.py:resize", triggers: { nightly: { cron: "0 2 * * *", inputs: { image: "cat.png" } } } }, ["version", "link"]);
const backend = new Remote("App", "backend-api", { environment, source: "backend.py:app" }, ["endpoint", "publicEndpoint", "link"]);
const webhook = new Remote("App", "webhook", {
    environment,
    source: "webhook.py:app",
    inputs: { backend_url: backend.link, resize: resize.link },
    secrets: { WEBHOOK_API_KEY: key.link },
}, ["endpoint", "publicEndpoint", "link"]);

export const url = webhook.publicEndpoint;
