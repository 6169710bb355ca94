"""The plugin as the engine sees it: its gRPC service, its schema, and the components it constructs."""
