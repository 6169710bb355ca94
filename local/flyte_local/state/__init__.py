"""The state of one running server that its rooms share: records, files, projects, and notices of changes."""
