"""Started by path, since the interpreter need not have this package: loads its neighbours under a name of their own.

The folder itself leaves the import path, or its modules would shadow the user's.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
NAME = "pulumi_flyte_reader"

sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != FOLDER]
spec = importlib.util.spec_from_file_location(NAME, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)])
assert spec is not None
assert spec.loader is not None
package = sys.modules[NAME] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
importlib.import_module(f"{NAME}.loop").main()
