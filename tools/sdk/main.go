// Command sdk generates the packages of other languages from a Pulumi schema, with Pulumi's own generators.
//
//	sdk LANGUAGE < schema.json    prints {"path": "content", …} as JSON
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const generator = "pulumi-flyte"

// noOtherPackages is the loader of a schema that refers to no other package.
type noOtherPackages struct{}

var errOther = errors.New("the schema refers to another package, which this command does not load")

func (noOtherPackages) LoadPackage(string, *semver.Version) (*schema.Package, error) { return nil, errOther }

func (noOtherPackages) LoadPackageV2(context.Context, *schema.PackageDescriptor) (*schema.Package, error) {
	return nil, errOther
}

func (noOtherPackages) LoadPackageReference(string, *semver.Version) (schema.PackageReference, error) {
	return nil, errOther
}

func (noOtherPackages) LoadPackageReferenceV2(
	context.Context, *schema.PackageDescriptor,
) (schema.PackageReference, error) {
	return nil, errOther
}

func files(language string, spec schema.PackageSpec) (map[string][]byte, error) {
	pkg, diagnostics, err := schema.BindSpec(spec, noOtherPackages{}, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if diagnostics.HasErrors() {
		return nil, diagnostics
	}
	switch language {
	case "nodejs":
		return nodejs.GeneratePackage(generator, pkg, nil, nil, false, noOtherPackages{})
	case "go":
		return gen.GeneratePackage(generator, pkg, nil)
	}
	return nil, fmt.Errorf("unknown language %q: use nodejs or go", language)
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("usage: sdk LANGUAGE < schema.json")
	}
	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		return err
	}
	generated, err := files(os.Args[1], spec)
	if err != nil {
		return err
	}
	texts := map[string]string{}
	for path, content := range generated {
		texts[path] = string(content)
	}
	return json.NewEncoder(os.Stdout).Encode(texts)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sdk:", err)
		os.Exit(1)
	}
}
