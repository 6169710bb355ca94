"""Processes of this machine: their environment, their ports, how they are recognised and ended."""
