"""Benchmarks that compare this project with code that people would write without it: `make bench`. It never fails."""
