"""Runs Python files as modules, one after the other. Prints the names and the errors of those that fail."""

import runpy
import sys
import traceback

failed = 0
for path in sys.argv[1:]:
    try:
        runpy.run_path(path, run_name="page")
    except BaseException:
        failed += 1
        print(path, traceback.format_exc(), sep="\n")
sys.exit(bool(failed))
