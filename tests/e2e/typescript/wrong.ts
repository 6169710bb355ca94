// Each statement has one mistake, which the comment before it names. The compiler finds all of them.
import * as flyte from "@pulumi-flyte/flyte";

const environment = new flyte.Environment("shop");

// a misspelt property
new flyte.App("a", { environment, sorce: "backend.py:app" });
// a property that is missing
new flyte.App("b", { source: "backend.py:app" });
// a text for a number
new flyte.App("c", { environment, source: "backend.py:app", port: "8080" });
// a text for a yes or no
new flyte.App("d", { environment, source: "backend.py:app", requiresAuth: "yes" });
// a misspelt key of a mapping
new flyte.App("e", { environment, source: "backend.py:app", scaling: { replica: 3 } });
// a text for a secret
new flyte.App("f", { environment, source: "backend.py:app", secrets: { KEY: "literal" } });
// a list for a mapping
new flyte.App("g", { environment, source: "backend.py:app", inputs: ["backend"] });
// a misspelt property of an environment
new flyte.Environment("h", { platfrom: "local" });
// a text for an integer of an environment
new flyte.Environment("i", { localPort: "many" });
// a misspelt property of a task
new flyte.Task("j", { environment, source: "tasks.py:resize", trigger: {} });
// a number of retries as a text
new flyte.Task("k", { environment, source: "tasks.py:resize", retries: "many" });
// a text for an interval
new flyte.Task("l", { environment, source: "tasks.py:resize", triggers: { n: { intervalMinutes: "often" } } });
// a list for a value
new flyte.Secret("m", { environment, value: ["v"] });
// an output that no app has
export const url = new flyte.App("n", { environment, source: "backend.py:app" }).publicUrl;
