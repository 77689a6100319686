"""Dens for tests: one that medcat-den wrote, packs without MedCAT, a CAT that only saves itself, child processes."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

BASE, MIDDLE, LAST = "f3e97f7de9227671", "4528d321dd69377e", "79c4a17a5eb5e915"
"""The models of the den that medcat-den wrote, each made from the one before."""

_FIXTURE = Path(__file__).parent.parent / "fixtures" / "dens" / "medcat-den"
_VARIABLE = "MODELKEEP_TEST_MEDCAT_PYTHON"


def medcat_den(place: Path) -> Path:
    """A copy of the den that medcat-den wrote."""
    return Path(shutil.copytree(_FIXTURE, place))


def model_id(number: int) -> str:
    return f"{number:016x}"


def card_of(history: Sequence[str], description: str = "N/A") -> dict[str, Any]:
    return {
        "Model ID": history[-1],
        "Last Modified On": "2026-01-02T03:04:05",
        "History (from least to most recent)": list(history),
        "Description": description,
        "Source Ontology": [],
        "MedCAT Version": "2.9.0",
    }


def make_pack(folder: Path, *history: str, size: int = 5000) -> Path:
    """A pack as MedCAT would save it, but for what is in its files."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{history[-1]}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model_card.json", json.dumps(card_of(history), indent=2))
        archive.writestr("cdb/raw_dict.dat", hashlib.sha256(history[-1].encode()).digest() * (size // 32))
        archive.writestr(".serialised_by", "dill")
    return path


class PlainCat:
    """What a den asks of a CAT, without MedCAT: it has a hash, a card, and saves itself."""

    def __init__(self, history: Sequence[str] = (), content: str = "", description: str = "N/A") -> None:
        self.history, self.content, self.description = list(history), content, description
        self.model_id = self.history[-1] if self.history else ""
        self.saves = 0

    def _get_hash(self) -> str:
        return self.model_id if not self.content else hashlib.sha256(self.content.encode()).hexdigest()[:16]

    def get_model_card(self, as_dict: bool) -> dict[str, Any]:
        card = card_of(self.history or [""], self.description)
        return {**card, "Model ID": self.model_id, "History (from least to most recent)": self.history}

    def save_model_pack(
        self,
        target_folder: str,
        pack_name: str = "pack",
        add_hash_to_pack_name: bool = True,
        only_archive: bool = False,
        change_description: str | None = None,
    ) -> str:
        self.saves += 1
        if change_description is not None:
            self.description += f"\n[today] {change_description}"
        self.model_id = self._get_hash()
        if self.model_id not in self.history:
            self.history.append(self.model_id)
        made = make_pack(Path(target_folder) / "made", *self.history)
        with zipfile.ZipFile(made) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["model_card.json"] = json.dumps(self.get_model_card(True)).encode()
        path = Path(target_folder) / f"{pack_name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return str(path)

    @property
    def trainer(self) -> PlainTrainer:
        return PlainTrainer(self)


class PlainTrainer:
    def __init__(self, cat: PlainCat) -> None:
        self.cat = cat

    def train_supervised_raw(self, data: str) -> None:
        self.cat.content = data

    def add_and_train_concept(self, data: str) -> None:
        self.cat.content = data

    def train_unsupervised(self, data: str) -> None:
        self.cat.content = data


def load_plain(folder: Path, info: object) -> PlainCat:
    """The loader of packs without MedCAT."""
    card = json.loads((folder / "model_card.json").read_bytes())
    return PlainCat(card["History (from least to most recent)"], description=card["Description"])


# ---- child processes


@contextmanager
def den_child(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A Python that runs `script` with `den` imported; it may print and wait for a line."""
    head = "import sys, json, os\nfrom modelkeep.den import *\nfrom modelkeep.den import local\n"
    stop = "def stop(*_):\n    print('here', flush=True)\n    sys.stdin.readline()\n"
    child = subprocess.Popen(
        [sys.executable, "-c", head + stop + script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        child.communicate()


def killed_at(script: str, *arguments: object) -> None:
    """Run a script until it says that it is where it should be killed, then kill it."""
    with den_child(script, *arguments) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        child.kill()
        child.wait()


# ---- a Python that has MedCAT


def medcat_python() -> str | None:
    """The Python that has MedCAT and medcat-den: this one, or that of a variable."""
    if named := os.environ.get(_VARIABLE):
        return named
    has_both = all(importlib.util.find_spec(name) for name in ("medcat", "medcat_den"))
    return sys.executable if has_both else None


def ask_medcat(step: str, *arguments: object) -> Any:
    """What `medcat_child.py` prints for a step."""
    python = medcat_python()
    assert python is not None
    script = Path(__file__).with_name("medcat_child.py")
    core = Path(__file__).parents[2] / "core"
    done = subprocess.run(
        [python, script, step, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(core)},
    )
    return json.loads(done.stdout.splitlines()[-1])


def set_used(cache: Path, **used: float) -> None:
    """Say that models of a local cache, by the beginnings of their keys, were used so many seconds ago."""
    import sqlite3

    with sqlite3.connect(cache / "modelkeep-den.db") as connection:
        for key, ago in used.items():
            connection.execute(
                "UPDATE packs SET used = ? WHERE key LIKE ?", [time.time() - ago, f"{key.strip('_')}-%"]
            )
    connection.close()
