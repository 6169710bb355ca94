"""Components for programs in other languages. They are the same classes that a Python program imports."""
