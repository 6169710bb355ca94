package main

import (
	"github.com/pulumi-flyte/pulumi-flyte/sdk/go/flyte"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		shop, err := flyte.NewEnvironment(ctx, "shop", nil)
		if err != nil {
			return err
		}
		rates, err := flyte.NewApp(ctx, "rates", &flyte.AppArgs{
			Environment: shop,
			Source:      pulumi.String("rates.py:app"),
		})
		if err != nil {
			return err
		}
		ctx.Export("rates", rates.PublicEndpoint)
		return nil
	})
}
