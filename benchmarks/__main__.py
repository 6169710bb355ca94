"""The command `python -m benchmarks`, which is `make bench`."""

import sys

from benchmarks.runner import main

sys.exit(main())
