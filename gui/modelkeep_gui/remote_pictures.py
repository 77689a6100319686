"""Pictures of remotes: a team's store with what is here and there, and what a sync with a stick would do."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from modelkeep_gui.library.scopes import remote_scope
from modelkeep_gui.library.view import Selected
from modelkeep_gui.pictures import Photographer, open_window
from modelkeep_gui.remotes.listings import root_of
from modelkeep_gui.theme import Choice

__all__ = ["photograph_remotes"]

_BASE, _SHOWN = "dmis-lab/biobert-v1.1", "my-company/ner-large"
_HERE = {
    _BASE: (8_200_000, ""),
    "google-bert/bert-base-uncased": (6_400_000, ""),
    "sentence-transformers/all-MiniLM-L6-v2": (1_800_000, ""),
    _SHOWN: (8_300_000, _BASE),
    "my-company/triage": (3_100_000, "google-bert/bert-base-uncased"),
    "openai-community/gpt2": (4_900_000, ""),
}
_ONLY_HERE = "openai-community/gpt2"
_THERE = {
    "my-company/codes-icd10": (8_400_000, _SHOWN, "ICD-10 codes of discharge letters"),
    "my-company/ner-small": (2_100_000, _SHOWN, "Distilled from ner-large"),
    "my-company/triage": (3_200_000, "google-bert/bert-base-uncased", "July’s data too"),
}


def photograph_remotes(folder: Path, place: Path, theme: Choice) -> None:
    """Make the models and stores in `place`; take pictures of a remote and of the plan of a sync."""
    root = place / "hub"
    before = {name: os.environ.get(name) for name in ("HOME", "HF_HUB_CACHE", "LOGNAME", "MODELKEEP_HOME")}
    home = place / "home"
    # So that its folders are shown as what they are for most: their own.
    os.environ.update(
        HOME=str(home), HF_HUB_CACHE=str(root), LOGNAME="maria", MODELKEEP_HOME=str(home / "mk")
    )
    try:
        _make(root, home)
        with open_window(folder, [root], theme=theme, home=home / "mk") as camera:
            camera.wait_for_rows(len(_HERE))
            _photograph(camera, theme)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _photograph(camera: Photographer, theme: Choice) -> None:
    remotes, window = camera.app.session.remotes, camera.window
    camera.wait(lambda: len(remotes.views) == 2, "the remotes")
    camera.live(200)
    camera.show_scope(remote_scope("team"))
    camera.wait(lambda: remotes.listing("team").rows, "what the store holds")
    page = window.center.remote
    page.view.select([Selected(root_of("team"), f"hf@{_SHOWN}", None)])
    camera.wait(page.pane.lineage.lines, "what the store says of a model")
    page.view.setFocus()
    camera.live(300)
    camera.take(f"remote-{theme}")
    window.actions_.remote.sync.trigger()
    dialog = camera.dialog()
    camera.wait(lambda: camera.default_text(), "a plan")
    camera.live(200)
    camera.take(f"sync-{theme}", dialog)
    dialog.reject()


def _make(root: Path, home: Path) -> None:
    team, stick = home / "team-share", home / "stick"
    for each in (root, team, stick):
        each.mkdir(parents=True)
    with open_library([root]) as library, tempfile.TemporaryDirectory() as temporary:
        library.remotes.add("team", str(team))
        library.remotes.add("stick", str(stick))
        for name, (size, base) in _HERE.items():
            source = _model(Path(temporary, "here", name), size, base)
            library.archives.run_import(library.archives.plan_import([source], name=name))
        library.refresh()
        for name in _HERE:
            if name != _ONLY_HERE:
                tags = ("production",) if name == _SHOWN else ()
                _push(library, Selection(library.roots[0], f"hf@{name}"), "team", "As it is here", tags=tags)
        for name, (size, base, message) in _THERE.items():
            _push(library, str(_model(Path(temporary, "there", name), size, base)), "team", message, to=name)
        for name in (_BASE, "my-company/triage"):
            _push(library, Selection(library.roots[0], f"hf@{name}"), "stick", "For the ward")


def _push(
    library: Library,
    source: Selection | str,
    remote: str,
    message: str,
    *,
    to: str = "",
    tags: tuple[str, ...] = (),
) -> None:
    library.remotes.push(library.remotes.plan_push(source, remote, to=to, tags=tags, message=message))


def _model(folder: Path, size: int, base: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(
        json.dumps({"model_type": "bert", "architectures": ["BertForTokenClassification"]})
    )
    lines = ["license: apache-2.0", "pipeline_tag: token-classification", "library_name: transformers"]
    lines += [f"base_model: {base}"] if base else []
    (folder / "README.md").write_text("\n".join(("---", *lines, "---", "")))
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    weights = len(header).to_bytes(8, "little") + header + os.urandom(size)
    (folder / "model.safetensors").write_bytes(weights)
    return folder
