// Each statement has one mistake, which the comment before it names. The compiler finds all of them.
package main

import (
	"github.com/pulumi-flyte/pulumi-flyte/sdk/go/flyte"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	// a misspelt argument
	_ = flyte.AppArgs{Sorce: pulumi.String("backend.py:app")}
	// a text for a number
	_ = flyte.AppArgs{Port: pulumi.String("8080")}
	// a plain text for a text of Pulumi's
	_ = flyte.AppArgs{Source: 5}
	// a text for a yes or no
	_ = flyte.AppArgs{RequiresAuth: pulumi.String("yes")}
	// a misspelt key of a value
	_ = flyte.AppArgs{Scaling: flyte.ScalingArgs{Replica: pulumi.Int(3)}}
	// a text for a list
	_ = flyte.AppArgs{Include: pulumi.String("data")}
	// a list for a mapping
	_ = flyte.AppArgs{Inputs: pulumi.StringArray{}}
	// a value of another type
	_ = flyte.AppArgs{Scaling: flyte.HealthArgs{}}
	// a misspelt argument of an environment
	_ = flyte.EnvironmentArgs{Platfrom: pulumi.String("local")}
	// a text for an integer of an environment
	_ = flyte.EnvironmentArgs{LocalPort: pulumi.String("many")}
	// a misspelt argument of a task
	_ = flyte.TaskArgs{Trigger: pulumi.Map{}}
	// a number of retries as a text
	_ = flyte.TaskArgs{Retries: pulumi.String("many")}
	// a text for an interval
	_ = flyte.TriggerArgs{IntervalMinutes: pulumi.String("often")}
	// a list for a secret's value
	_ = flyte.SecretArgs{Value: pulumi.StringArray{}}
	// an output that no app has
	_ = (&flyte.App{}).PublicUrl
}
