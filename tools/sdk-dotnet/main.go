// Command sdk-dotnet generates the package for C# from a Pulumi schema, with Pulumi's own generator.
//
//	sdk-dotnet < schema.json    prints {"path": "content", …} as JSON
//
// It is a module of its own, because later releases of pulumi/pkg have no generator for C#.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/dotnet"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const (
	generator = "pulumi-flyte"
	logo      = "logo.png"
)

// theLogo is what the project of the package says of the logo.
var theLogo = regexp.MustCompile(`(?s) *<PackageIcon>logo\.png</PackageIcon>\n|  <ItemGroup>\s*<None Include="logo\.png">.*?</ItemGroup>\n\n`)

// withoutNetwork answers the generator, which loads a logo, with an empty one.
type withoutNetwork struct{}

func (withoutNetwork) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: request}, nil
}

func run() error {
	var spec schema.PackageSpec
	if err := json.NewDecoder(os.Stdin).Decode(&spec); err != nil {
		return err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, nil, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if diagnostics.HasErrors() {
		return diagnostics
	}
	http.DefaultTransport = withoutNetwork{}
	generated, err := dotnet.GeneratePackage(generator, pkg, nil, nil)
	if err != nil {
		return err
	}
	delete(generated, logo)
	texts := map[string]string{}
	for path, content := range generated {
		texts[path] = string(content)
		if strings.HasSuffix(path, ".csproj") {
			texts[path] = theLogo.ReplaceAllString(texts[path], "")
		}
	}
	return json.NewEncoder(os.Stdout).Encode(texts)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "sdk-dotnet:", err)
		os.Exit(1)
	}
}
