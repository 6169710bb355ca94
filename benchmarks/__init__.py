"""Ratios against what people would write without this project: `make bench`. It fails on nothing."""
