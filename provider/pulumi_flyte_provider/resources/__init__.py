"""One folder or file per kind of resource: its shape (pure) apart from its behaviour."""
