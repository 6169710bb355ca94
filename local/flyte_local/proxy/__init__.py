"""The way from a client to an app: HTTP and WebSockets passed on, and the gate before apps that ask for credentials."""
