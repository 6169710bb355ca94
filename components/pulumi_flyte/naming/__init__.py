"""Names, endpoints, scopes and control planes, as pure functions."""
