// Flyte 2 apps, tasks, secrets and triggers as infrastructure as code.
package flyte
