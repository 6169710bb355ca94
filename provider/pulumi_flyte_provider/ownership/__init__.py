"""Ownership of objects: the mark in an object, the rules for taking it over, and the claims of one run."""
