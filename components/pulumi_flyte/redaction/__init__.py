"""Secret values in texts: the forms that a program writes them in, and where a text has one. Pure."""
