"""The engine's interface to the plugin: the gRPC service, the schema, and the construction of components."""
