"""The comment on a pull request, on each host."""
