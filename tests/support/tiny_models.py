"""Tiny models of each kind that really answer, made once for all processes of the tests.

    if TYPE_CHECKING:  # pytest rewrites what is imported as a plugin first
        from support.tiny_models import TinyModels

    pytest_plugins = ("support.tiny_models",)

    def test_a_text_is_classified(cache, tiny_models):
        commit = tiny_models.add(cache, "classifier")

`support.tiny_build` says what each of them answers, and has `KINDS`, their names.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
from filelock import FileLock

from support.caches import CacheMaker

__all__ = ["TinyModels", "make_tiny_models", "tiny_models"]

_TAKES = ("torch", "transformers", "tokenizers", "onnx", "gguf")
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "PYTHONPATH": str(Path(__file__).parents[1]),
}


class TinyModels:
    """The models' files, in a folder for each kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self, kind: str, changed: Mapping[str, bytes | None] | None = None) -> dict[str, bytes]:
        """The files of a model, some of them changed, or left out (None)."""
        top = self.folder / kind
        found = {
            path.relative_to(top).as_posix(): path.read_bytes()
            for path in sorted(top.rglob("*"))
            if path.is_file()
        }
        return {
            name: content for name, content in {**found, **(changed or {})}.items() if content is not None
        }

    def add(
        self,
        cache: CacheMaker,
        kind: str,
        repo_id: str = "",
        changed: Mapping[str, bytes | None] | None = None,
    ) -> str:
        """Put a model into a cache, as `tiny/KIND` unless it is named otherwise; returns its commit."""
        return cache.add(repo_id or f"tiny/{kind}", self.files(kind, changed))


def make_tiny_models(folder: Path) -> TinyModels:
    """The models in `folder`, made there by one process where they are not yet."""
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            fresh = folder.with_name(f"{folder.name}-fresh")
            subprocess.run(
                [sys.executable, "-m", "support.tiny_build", fresh],
                check=True,
                env=os.environ | _ENVIRONMENT,
                stdout=subprocess.DEVNULL,
            )
            fresh.rename(folder)
    return TinyModels(folder)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """One set for all processes of the tests."""
    if missing := [name for name in _TAKES if not find_spec(name)]:
        pytest.skip(f"Making tiny models takes {', '.join(missing)}.")
    base = tmp_path_factory.getbasetemp()
    # A worker's folder is in that of the whole run; where there are no workers, it is that itself.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return make_tiny_models(shared / "tiny-models")
