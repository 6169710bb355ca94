"""Components for programs in other languages: the same classes as a Python program imports."""
