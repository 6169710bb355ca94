"""The console: server-rendered pages about what a local control plane runs."""
