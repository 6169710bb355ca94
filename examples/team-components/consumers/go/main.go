// A product team's program in Go: the package `acme` is generated from the component's schema.
package main

import (
	"github.com/acme/pulumi-acme/sdk/go/acme"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(deploy)
}

func deploy(ctx *pulumi.Context) error {
	replicas := 2
	fraud, err := acme.NewScoredService(ctx, "fraud", &acme.ScoredServiceArgs{
		App:      "../code/scorer.py:app",
		Task:     "../code/tasks.py:evaluate",
		Key:      config.New(ctx, "").RequireSecret("modelKey"),
		Replicas: &replicas,
	})
	if err != nil {
		return err
	}
	ctx.Export("url", fraud.Url)
	ctx.Export("evaluation", fraud.Evaluation)
	return nil
}
