"""Reads source files in a process of its own, with the program's interpreter; needs only what is there.

Protocol: one JSON request a line on stdin, one JSON answer a line on the descriptor given as the first argument.
Every request is served by a forked child, so that modules of two folders never meet; the parent has imported what
most sources need, once. The user's prints go to a file that is shown only when reading fails.
"""
