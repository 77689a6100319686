"""Pictures of what the window says about trust, on models of which one is damaged and one is dangerous.

Their bytes are really there, for all of them are read.
"""

from __future__ import annotations

import io
import json
import os
import random
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from modelkeep.library import Library, open_library
from modelkeep_gui.library.scopes import ACTIVITY
from modelkeep_gui.pictures import open_window
from modelkeep_gui.theme import Choice

__all__ = ["photograph_trust"]

_MILLION = 1_000_000
_DAMAGED, _DANGEROUS = "dmis-lab/biobert-v1.1", "somebody/bert-base-finetuned"
_SIZES = {
    _DAMAGED: 43 * _MILLION,
    "google-bert/bert-base-uncased": 44 * _MILLION,
    "d4data/biomedical-ner-all": 26 * _MILLION,
    "sentence-transformers/all-MiniLM-L6-v2": 9 * _MILLION,
}
_ROW = 1_000  # numbers in a row of the weights
_CALLS = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."  # a pickle that runs a command; nobody loads it


def photograph_trust(folder: Path, place: Path, theme: Choice) -> None:
    """Make the models in `place`; take pictures of verifying, mending and scanning them, and of what was done."""
    root, other = place / "hub", place / "backup"
    _make_models(root, other)
    os.environ["HF_HUB_CACHE"] = str(root)  # so that it is shown as what it is for most: their own cache
    os.environ["LOGNAME"] = "maria"  # who does all this, in the log
    with open_window(folder, [root, other], theme=theme) as camera:
        window = camera.window
        camera.wait_for_rows(len(_SIZES) + 2)
        window.actions_.verify.trigger()
        camera.take(f"verify-{theme}", camera.dialog())
        camera.press_default()
        mending = camera.dialog()
        camera.wait(lambda: camera.default_text().startswith("&Mend"), "a plan")
        camera.take(f"mend-{theme}", mending)
        camera.press_default()
        camera.wait(lambda: not camera.app.session.runner.running(), "what is mended")
        camera.wait_for_rows()
        window.details.show_safety()
        camera.select(_DANGEROUS)
        window.actions_.scan_safety.trigger()
        camera.dialog().reject()
        camera.live(600)
        camera.take(f"safety-{theme}")
        camera.show_scope(ACTIVITY)
        camera.live(600)
        camera.take(f"activity-{theme}")


def _make_models(root: Path, other: Path) -> None:
    for each in (root, other):
        each.mkdir(parents=True)
    chance = random.Random(0)
    with open_library([root, other]) as library:
        for name, size in _SIZES.items():
            files = {"model.safetensors": _safetensors(size, chance)}
            _import(library, root, name, files)
            if name == _DAMAGED:
                _import(library, other, name, files)
        _import(library, root, _DANGEROUS, {"pytorch_model.bin": _checkpoint()})
    [weights] = root.glob(f"models--{_DAMAGED.replace('/', '--')}/snapshots/*/model.safetensors")
    with weights.resolve().open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"!")


def _import(library: Library, root: Path, name: str, files: Mapping[str, bytes]) -> None:
    described = {
        "config.json": json.dumps({"model_type": "bert", "architectures": ["BertModel"]}).encode(),
        "README.md": b"---\nlicense: apache-2.0\npipeline_tag: fill-mask\nlibrary_name: transformers\n---\n",
    }
    with tempfile.TemporaryDirectory() as temporary:
        for file, content in {**described, **files}.items():
            Path(temporary, file).write_bytes(content)
        plan = library.archives.plan_import([temporary], str(root), name=name)
        library.archives.run_import(plan, allow_unsafe=[name])


def _safetensors(size: int, chance: random.Random) -> bytes:
    rows = size // (4 * _ROW)
    count = rows * _ROW * 4
    tensors = {"embeddings.weight": {"dtype": "F32", "shape": [rows, _ROW], "data_offsets": [0, count]}}
    header = json.dumps(tensors).encode()
    return struct.pack("<Q", len(header)) + header + chance.randbytes(count)


def _checkpoint() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("archive/data.pkl", _CALLS)
        archive.writestr("archive/data/0", bytes(4 * _MILLION))
    return target.getvalue()
