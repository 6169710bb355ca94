"""A program under the stand-in engine. These modules run in a process of the program's interpreter."""
