module pulumi-flyte/tools/pause

go 1.24
