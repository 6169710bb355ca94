"""The proxy: it passes HTTP requests and WebSockets to apps, and guards apps that require credentials."""
