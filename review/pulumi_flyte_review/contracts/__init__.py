"""Calls between workloads that a change breaks: pure comparisons of interfaces."""
