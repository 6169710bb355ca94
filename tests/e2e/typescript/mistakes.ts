import * as pulumi from "@pulumi/pulumi";

class Flyte extends pulumi.ComponentResource {
    constructor(kind: string, name: string, args: pulumi.Inputs, opts: pulumi.ComponentResourceOptions = {}) {
        super(`flyte:index:${kind}`, name, { settings: undefined, link: undefined, publicEndpoint: undefined, ...args }, opts, true);
    }
    declare readonly settings: pulumi.Output<any>;
    declare readonly link: pulumi.Output<any>;
    declare readonly publicEndpoint: pulumi.Output<string>;
}

const config = new pulumi.Config();
const mistake = config.require("mistake");
const shop = new Flyte("Environment", "shop", { python: config.get("python") });
const environment = shop.settings;
const slow = new Flyte("App", "slow", { environment, source: "slow.py:app" });
const backend = new Flyte("App", "backend-api", { environment, source: "backend.py:app" });
const after = new Flyte("App", "after", { environment, source: "backend.py:app", inputs: { backend: backend.link } });
export const url = after.publicEndpoint.apply(text => text.toUpperCase());
