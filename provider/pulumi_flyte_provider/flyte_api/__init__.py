"""The Flyte API: the settings, the connection and its credentials, and the upload of code bundles."""
