// The quickstart in Go. The tasks and apps are those of ../quickstart.
package main

import (
	"github.com/pulumi-flyte/pulumi-flyte/sdk/go/flyte"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(deploy)
}

func deploy(ctx *pulumi.Context) error {
	settings := config.New(ctx, "")
	// Locally, the plugin's Python runs everything. A cluster needs an image with scikit-learn, fastapi and streamlit.
	arguments := &flyte.EnvironmentArgs{}
	if image := settings.Get("image"); image != "" {
		arguments.Image = pulumi.String(image)
	}
	ml, err := flyte.NewEnvironment(ctx, "ml", arguments)
	if err != nil {
		return err
	}
	key, err := flyte.NewSecret(ctx, "webhook-key", &flyte.SecretArgs{
		Environment: ml,
		Value:       settings.RequireSecret("webhookKey"),
	})
	if err != nil {
		return err
	}
	train, err := flyte.NewTask(ctx, "train", &flyte.TaskArgs{
		Environment: ml,
		Source:      pulumi.String("tasks.py:train"),
	})
	if err != nil {
		return err
	}
	modelAPI, err := flyte.NewApp(ctx, "model-api", &flyte.AppArgs{
		Environment: ml,
		Source:      pulumi.String("model_api.py:app"),
		Inputs:      pulumi.Map{"train": train},
	})
	if err != nil {
		return err
	}
	evaluate, err := flyte.NewTask(ctx, "evaluate", &flyte.TaskArgs{
		Environment: ml,
		Source:      pulumi.String("tasks.py:evaluate"),
		Inputs:      pulumi.Map{"model_api": modelAPI},
	})
	if err != nil {
		return err
	}
	gateway, err := flyte.NewApp(ctx, "gateway", &flyte.AppArgs{
		Environment: ml,
		Source:      pulumi.String("gateway.py:app"),
		Inputs:      pulumi.Map{"model_api": modelAPI, "train": train, "evaluate": evaluate},
		Secrets:     pulumi.Map{"WEBHOOK_KEY": key},
	})
	if err != nil {
		return err
	}
	dashboard, err := flyte.NewApp(ctx, "dashboard", &flyte.AppArgs{
		Environment: ml,
		Command:     pulumi.ToStringArray([]string{"streamlit", "run", "dashboard.py", "--server.port", "8080"}),
		Args: pulumi.ToStringArray(
			[]string{"--server.headless", "true", "--browser.gatherUsageStats", "false"},
		),
		Include: pulumi.StringArray{pulumi.String("dashboard.py")},
		Health:  pulumi.String("/_stcore/health"),
		Inputs:  pulumi.Map{"gateway": gateway},
	})
	if err != nil {
		return err
	}
	ctx.Export("gateway", gateway.PublicEndpoint)
	ctx.Export("modelApi", modelAPI.PublicEndpoint)
	ctx.Export("dashboard", dashboard.PublicEndpoint)
	ctx.Export("console", gateway.ConsoleUrl)
	return nil
}
