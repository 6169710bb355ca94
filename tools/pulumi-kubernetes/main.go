// Command pulumi-resource-kubernetes is the provider of Kubernetes objects.
//
// It has no schema, because the module does not contain one. Only code generation needs the schema.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

func main() { provider.Serve("kubernetes", "4.25.0", []byte("{}"), []byte("{}")) }
