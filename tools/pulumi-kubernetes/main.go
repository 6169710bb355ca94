// Command pulumi-resource-kubernetes is the provider of Kubernetes objects.
//
// It has no schema, which only code generation asks a provider for. The schema is no part of the module.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() { provider.Serve("kubernetes", "4.25.0", []byte("{}"), []byte("{}")) }
