package main

import (
	"github.com/pulumi-flyte/pulumi-flyte/sdk/go/flyte"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		shop, err := flyte.NewEnvironment(ctx, "shop", nil)
		if err != nil {
			return err
		}
		key, err := flyte.NewSecret(ctx, "webhook-api-key", &flyte.SecretArgs{
			Environment: shop,
			Value:       settings.RequireSecret("webhookApiKey"),
		})
		if err != nil {
			return err
		}
		resize, err := flyte.NewTask(ctx, "resize", &flyte.TaskArgs{
			Environment: shop,
			Source:      pulumi.String("tasks.py:resize"),
			Triggers: pulumi.Map{
				"nightly": flyte.TriggerArgs{
					Cron:   pulumi.String("0 2 * * *"),
					Inputs: pulumi.Map{"image": pulumi.String("cat.png")},
				},
			},
		})
		if err != nil {
			return err
		}
		backend, err := flyte.NewApp(ctx, "backend-api", &flyte.AppArgs{
			Environment:  shop,
			Source:       pulumi.String("backend.py:app"),
			RequiresAuth: pulumi.Bool(true),
			Scaling:      flyte.ScalingArgs{Replicas: pulumi.Int(1)},
		})
		if err != nil {
			return err
		}
		webhook, err := flyte.NewApp(ctx, "webhook", &flyte.AppArgs{
			Environment: shop.Settings,
			Source:      pulumi.String("webhook.py:app"),
			Inputs:      pulumi.Map{"backend_url": backend, "resize": resize.Link},
			Secrets:     pulumi.Map{"WEBHOOK_API_KEY": key},
		})
		if err != nil {
			return err
		}
		ctx.Export("webhook", webhook.PublicEndpoint)
		ctx.Export("version", resize.Version)
		return nil
	})
}
