"""Runs a module of Modelkeep in a Python that need not have it installed: ``python -P start.py MODULE ARGUMENT…``.

Of what lies beside it only `modelkeep` itself is taken: the packages there are for another Python.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

__all__ = ["main"]


def main() -> None:
    """Call `main()` of the module that the first argument names, which becomes its `sys.argv[0]`."""
    if "modelkeep" not in sys.modules:
        _take_modelkeep(Path(__file__).resolve().parent.parent)
    del sys.argv[0]
    import_module(sys.argv[0]).main()


def _take_modelkeep(folder: Path) -> None:
    places = [str(folder)]
    spec = spec_from_file_location("modelkeep", folder / "__init__.py", submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise ImportError(f"Modelkeep is not in {folder}.")
    module = sys.modules["modelkeep"] = module_from_spec(spec)
    spec.loader.exec_module(module)


if __name__ == "__main__":
    main()
