// A product team's program in TypeScript: the package `@acme/acme` is generated from the component's schema.
import * as acme from "@acme/acme";
import * as pulumi from "@pulumi/pulumi";

const fraud = new acme.ScoredService("fraud", {
    app: "../code/scorer.py:app",
    task: "../code/tasks.py:evaluate",
    key: new pulumi.Config().requireSecret("modelKey"),
    replicas: 2,
});

export const url = fraud.url;
export const evaluation = fraud.evaluation;
