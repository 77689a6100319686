"""The core is light: what a script pays for `import modelkeep`, and what it must never load."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {
    "PySide6",
    "torch",
    "transformers",
    "huggingface_hub",
    "numpy",
    "asyncio",
    "sqlite3",
    "requests",
    "yaml",
}


def modules_after(statement: str) -> set[str]:
    script = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    output = subprocess.check_output([sys.executable, "-I", "-c", script], text=True)
    return {name.partition(".")[0] for name in json.loads(output)}


def test_importing_the_core_loads_nothing_heavy() -> None:
    loaded = modules_after("import modelkeep; modelkeep.scan; modelkeep.ModelKey; modelkeep.ModelKeepError")
    assert "modelkeep" in loaded
    assert not loaded & HEAVY


def test_every_public_name_is_there() -> None:
    import modelkeep

    assert all(getattr(modelkeep, name) is not None for name in modelkeep.__all__)
    assert set(modelkeep.__all__) <= set(dir(modelkeep))


def test_an_error_keeps_its_hint_on_its_way_between_processes() -> None:
    import pickle

    from modelkeep.errors import ModelInUse, PartlyDone

    error = pickle.loads(pickle.dumps(ModelInUse("It is in use.", hint="Close it.")))
    assert (type(error), str(error), error.hint) == (ModelInUse, "It is in use.", "Close it.")
    partly = pickle.loads(pickle.dumps(PartlyDone("Not all.", failures=["a"], hint="b")))
    assert (partly.failures, partly.hint) == (("a",), "b")
