"""`modelkeep download` and `modelkeep transfers`, against a hub on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import snapshot_download

import modelkeep
from modelkeep.hub.transfer import Transfer
from support.caches import CacheMaker
from support.cli import COMMAND, check_shape, json_keys, run, run_on_terminal, tree
from support.hub import HubServer
from support.hub_faults import Stalled, Status
from support.transfer_shapes import DOWNLOAD, TRANSFER, TRANSFERS_DONE

NAME = "org/model"
WEIGHTS = bytes(range(256)) * 8192 * 4  # 8 MiB
FILES = {
    "README.md": b"---\nlicense: mit\n---\n",
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": WEIGHTS[::-1],
    "tokenizer.json": b"{}",
}


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        server.add(NAME, FILES, lfs=("*.safetensors", "*.bin"))
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    folder.mkdir()
    return folder


def test_a_download_is_what_every_client_takes_for_whole(hub: HubServer, root: Path) -> None:
    result = run("download", NAME, "--root", root, "--json")
    assert result.status == 0, result.err
    check_shape(result.json, DOWNLOAD)
    assert result.json["executed"]
    path = Path(result.json["result"]["snapshot"])
    assert sorted(file.name for file in path.iterdir()) == sorted(set(FILES) - {"pytorch_model.bin"})
    assert (path / "model.safetensors").read_bytes() == WEIGHTS
    found = snapshot_download(NAME, cache_dir=root, local_files_only=True)
    assert found == str(path)
    assert not list(modelkeep.scan(root).problems)


def test_a_plan_changes_nothing(hub: HubServer, root: Path) -> None:
    before = tree(root)
    result = run("download", NAME, "--root", root, "--plan", "--json")
    check_shape(result.json, DOWNLOAD)
    assert (result.status, result.json["executed"], result.json["result"]) == (0, False, None)
    assert {file["path"]: file["action"] for file in result.json["files"]} == {
        name: "skip" if name.endswith(".bin") else "fetch" for name in FILES
    }
    assert result.json["bytes_missing"] == sum(map(len, FILES.values())) - len(WEIGHTS)
    assert tree(root) == before


def test_a_person_sees_the_plan_and_is_asked(hub: HubServer, root: Path) -> None:
    status, shown = run_on_terminal("download", NAME, "--root", str(root), answer="n\n")
    assert status == 1
    assert "Fetch 8.4 MB into" in shown
    assert "Nothing was done." in shown
    assert not list(root.iterdir())
    status, shown = run_on_terminal("download", NAME, "--root", str(root), answer="y\n")
    assert status == 0
    assert "Downloaded hf@org/model: 8.4 MB fetched." in shown


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--include", "*.json"], {"config.json", "tokenizer.json"}),
        (
            ["--exclude", "*.safetensors", "--exclude", "*.bin"],
            {"README.md", "config.json", "tokenizer.json"},
        ),
        (["--all"], set(FILES)),
    ],
)
def test_files_are_chosen(hub: HubServer, root: Path, options: list[str], names: set[str]) -> None:
    result = run("download", NAME, "--root", root, "--json", *options)
    assert {file.name for file in Path(result.json["result"]["snapshot"]).iterdir()} == names


def test_what_is_here_is_not_fetched_again(hub: HubServer, root: Path) -> None:
    run("download", NAME, "--root", root)
    sent = hub.bytes_sent("*/resolve/*")
    again = run("download", NAME, "--root", root)
    assert (again.status, hub.bytes_sent("*/resolve/*")) == (0, sent)
    assert "is in" in again.out


def test_what_another_cache_has_is_linked_into_the_one_that_is_named(
    hub: HubServer, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELKEEP_ROOTS", str(root))
    assert run("download", NAME).status == 0
    other = tmp_path / "other"
    result = run("download", NAME, "--root", other, "--json").json
    assert (result["bytes_missing"], result["result"]["fetched"]) == (0, 0)
    assert result["root"] == str(other)
    assert Path(result["result"]["snapshot"], "model.safetensors").read_bytes() == WEIGHTS


def test_globs_that_find_nothing_are_a_failure(hub: HubServer, root: Path) -> None:
    for more in ([], ["--dry-run"]):
        result = run("download", NAME, "--include", "*.gguf", "--root", root, *more)
        assert (result.status, "no file that is like" in result.err) == (1, True)
    assert not list(root.iterdir())


def test_an_old_commit_moves_no_ref(hub: HubServer, root: Path) -> None:
    old = hub.repository(NAME).branches["main"]
    hub.add(NAME, FILES | {"config.json": b"{}"}, lfs=("*.safetensors", "*.bin"))
    result = run("download", NAME, "--revision", old, "--root", root, "--json")
    assert (result.json["commit"], result.json["ref"]) == (old, None)
    assert not (root / "models--org--model" / "refs" / "main").exists()


def test_an_unknown_name_is_a_sentence(hub: HubServer, root: Path) -> None:
    result = run("download", "org/other", "--root", root)
    assert (result.status, result.out) == (1, "")
    assert re.match(r"Error: .*org/other", result.err)


def test_offline_nothing_is_asked(hub: HubServer, root: Path) -> None:
    result = run("download", NAME, "--root", root, HF_HUB_OFFLINE="1")
    assert result.status == 1
    assert "HF_HUB_OFFLINE" in result.err
    assert not hub.requests


# ---- the queue


def queue(root: Path) -> tuple[Transfer, ...]:
    with modelkeep.open_library([root]) as library:
        return library.hubs.transfers()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


@pytest.fixture
def interrupted(hub: HubServer, root: Path) -> str:
    """A download that was killed when half of its weights were here; its id."""
    hub.fault("*/model.safetensors", Stalled(len(WEIGHTS) * 3 // 4), times=99)
    words = [*COMMAND, "download", NAME, "--root", str(root), "-y"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: sum(one.bytes_done for one in queue(root)) > len(WEIGHTS) // 2)
        os.kill(process.pid, signal.SIGKILL)
    hub.heal()
    [one] = run("transfers", "list", "--root", root, "--json").json
    return str(one["id"])


def test_an_interrupted_download_is_listed_and_resumed(hub: HubServer, root: Path, interrupted: str) -> None:
    listed = run("transfers", "list", "--root", root, "--json")
    check_shape(listed.json, [TRANSFER])
    assert listed.json[0]["state"] == "queued"
    hub.forget()
    resumed = run("transfers", "resume", "--root", root, "--json")
    check_shape(resumed.json, TRANSFERS_DONE)
    assert [one["status"] for one in resumed.json] == ["downloaded"], resumed.err
    assert hub.bytes_sent("*/model.safetensors") < len(WEIGHTS)
    assert run("transfers", "list", "--root", root, "--json").json == []
    snapshot_download(NAME, cache_dir=root, local_files_only=True)


def test_a_paused_one_waits_until_it_is_resumed(root: Path, interrupted: str) -> None:
    paused = run("transfers", "pause", interrupted, "--root", root, "--json")
    check_shape(paused.json, [TRANSFER])
    assert [one["state"] for one in paused.json] == ["paused"]
    assert run("transfers", "resume", NAME, "--root", root).out == "Downloaded hf@org/model.\n"


def test_a_person_sees_why_one_stopped(hub: HubServer, root: Path, interrupted: str) -> None:
    hub.fault("*/model.safetensors", Status(403), times=None)
    failed = run("transfers", "resume", "--root", root)
    assert failed.status == 1
    [why] = {one["error"] for one in run("transfers", "list", "--root", root, "--json").json}
    status, shown = run_on_terminal("transfers", "list", "--root", str(root), width=60)
    assert (status, why in shown, interrupted in shown) == (0, True, True)


def test_a_cancelled_one_leaves_nothing_staged(root: Path, interrupted: str) -> None:
    assert run("transfers", "cancel", interrupted, "--root", root).status == 2  # nobody can be asked
    planned = run("transfers", "cancel", NAME, "--root", root, "--dry-run", "--json").json
    assert (planned["executed"], planned["freed"]) == (False, 0)
    assert run("transfers", "list", "--root", root).out
    cancelled = run("transfers", "cancel", interrupted, "--root", root, "--yes", "--json")
    assert cancelled.status == 0
    assert cancelled.json["items"] == [{"id": interrupted, "key": "hf@org/model", "root": str(root)}]
    assert not (root / ".modelkeep").exists()


def test_imports_do_not_take_it_for_theirs(root: Path, interrupted: str) -> None:
    assert run("staging", "list", "--root", root, "--json").json == []


def test_the_order_can_be_changed(hub: HubServer, root: Path) -> None:
    with modelkeep.open_library([root]) as library:
        for name in ("org/first", "org/second"):
            hub.add(name, {"config.json": name.encode()})
            library.hubs.add_transfer(library.hubs.plan_download(name))
    moved = run("transfers", "move", "org/second", "--root", root, "--json", "-1")
    assert [one["key"] for one in moved.json] == ["hf@org/second", "hf@org/first"]
    assert run("transfers", "list", "--root", root).lines[0][2] == "hf@org/second"


def test_an_unknown_id_is_a_sentence(root: Path) -> None:
    result = run("transfers", "pause", "nothing", "--root", root)
    assert (result.status, result.err.partition("\n")[0]) == (1, "Error: There is no transfer nothing.")


# ---- for scripts


def test_a_script_gets_what_it_asks_for(
    hub: HubServer, cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELKEEP_ROOTS", str(cache.root))
    path = modelkeep.download_model_to_cache(NAME)
    assert Path(path, "model.safetensors").read_bytes() == WEIGHTS
    asked = len(hub.requests)
    assert modelkeep.download_model_to_cache(NAME) == modelkeep.get_model_from_cache(NAME) == path
    assert len(hub.requests) == asked


def test_every_field_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    keys = {key for shape in (DOWNLOAD, TRANSFER, TRANSFERS_DONE) for key in json_keys(shape)}
    assert {key for key in keys if f"`{key}`" not in text} == set()
