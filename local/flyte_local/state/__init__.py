"""What one running server keeps and its rooms share: records, files, projects, and who hears of changes."""
