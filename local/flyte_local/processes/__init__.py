"""Processes of this machine, whatever they run: their environment, their ports, how they are recognised and ended."""
