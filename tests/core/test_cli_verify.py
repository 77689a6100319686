"""`verify` as it is called."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from support.caches import CacheMaker, etag
from support.cli import check_shape, done, json_keys, roots, run, run_on_terminal, tree
from support.hub import HubServer
from support.json_shapes import DELETION
from support.models import tiny_bert_files

MAYBE = (str, None)
VERIFICATION = {
    "deep": bool,
    "bytes_read": int,
    "seconds": float,
    "bad": int,
    "quarantined": DELETION["items"],
    "revisions": [
        {
            "key": str,
            "root": str,
            "commit": MAYBE,
            "refs": [str],
            "verdict": str,
            "listed": bool,
            "size": int,
            "checked": MAYBE,
            "offline_ready": (bool, None),
            "lacks": [str],
            "files": [
                {
                    "name": str,
                    "path": str,
                    "size": int,
                    "outcome": str,
                    "message": MAYBE,
                    "hint": MAYBE,
                    "checked": MAYBE,
                }
            ],
        }
    ],
}
FILES = tiny_bert_files()


def damage(cache: CacheMaker, name: str, repo_id: str = "org/model") -> None:
    path = cache.folder(repo_id) / "blobs" / etag(name, FILES[name])
    path.write_bytes(FILES[name][:-1] + b"?")


def test_a_good_model_is_told_in_one_line(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    before = tree(cache.root)
    result = done("verify", "org/model", *roots(cache.root))
    [line] = result.out.splitlines()
    assert line.startswith(f"org/model@main  good  {len(FILES)} files")
    assert line.endswith(f"{len(FILES)} read")
    again = done("verify", "org/model", *roots(cache.root))
    assert f"{len(FILES)} unchanged since they were read" in again.out
    assert f"{len(FILES)} read" in done("verify", "org/model", "--deep", *roots(cache.root)).out
    assert tree(cache.root) == before


def test_what_is_bad_is_named_with_a_hint_and_a_status(cache: CacheMaker) -> None:
    cache.add("org/good", FILES)
    cache.add("org/model", FILES)
    damage(cache, "model.safetensors")
    result = run("verify", "--all", *roots(cache.root))
    assert result.status == 1
    good, bad, file, hint = result.out.splitlines()
    assert good.startswith("org/good@main  good")
    assert bad.startswith("org/model@main  damaged")
    assert file == "  model.safetensors: Its content is not what its checksum says."
    assert hint == f"  Bring it back alone: modelkeep --root {cache.root} mend org/model --hub"
    assert "1 of 2 revisions is not what it should be." in result.err
    assert done("verify", "org/good", *roots(cache.root)).err == ""


@pytest.mark.parametrize("size", [0, -9])
def test_what_the_hint_says_makes_it_good(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    name = "model.safetensors"
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        server.add("org/model", FILES)
        done("download", "org/model", "--yes", *roots(cache.root))
        path = cache.folder("org/model") / "blobs" / etag(name, FILES[name])
        path.write_bytes(FILES[name][:-1] + b"?" if size == 0 else FILES[name][:size])
        [check] = run("verify", "org/model", "--json", *roots(cache.root)).json["revisions"]
        [hint] = [file["hint"] for file in check["files"] if file["hint"]]
        done(*shlex.split(hint.partition(": ")[2])[1:], "--yes", *roots(cache.root))
        assert path.read_bytes() == FILES[name]
    assert "  good  " in done("verify", "org/model", *roots(cache.root)).out


def test_hints_lead_to_the_cache_that_was_named(cache: CacheMaker, tmp_path: Path) -> None:
    other = CacheMaker(tmp_path / "an other")
    cache.add("org/good", FILES)
    other.add("org/model", FILES)
    damage(other, "model.safetensors")
    result = run("verify", "org/model", *roots(other.root))
    command = result.out.partition("Bring it back alone: ")[2].splitlines()[0]
    assert "--root" in command
    mended = run(*shlex.split(command.removesuffix(" --hub"))[1:], "--yes", MODELKEEP_ROOTS=str(cache.root))
    assert mended.status == 0, mended.err
    assert "  good  " in done("verify", "org/model", *roots(other.root)).out


def test_what_is_damaged_goes_to_the_trash_after_a_question(cache: CacheMaker) -> None:
    cache.add("org/good", FILES)
    cache.add("org/model", FILES)
    damage(cache, "model.safetensors")
    before = tree(cache.root)
    asked = run("verify", "--all", "--quarantine", *roots(cache.root))
    assert (asked.status, asked.out) == (2, ""), "Nobody can be asked, so nothing is read."
    looked = run("verify", "--all", "--quarantine", "--dry-run", *roots(cache.root))
    assert looked.status == 1
    assert "hf@org/model" in looked.out
    assert tree(cache.root) == before
    result = run("verify", "--all", "--quarantine", "--yes", "--json", *roots(cache.root))
    assert result.status == 1, "It was bad, and lacks the file now."
    check_shape(result.json, VERIFICATION)
    [moved] = result.json["quarantined"]
    assert (moved["what"], moved["files"], moved["status"]) == ("files", 1, "deleted")
    again = run("verify", "org/model", *roots(cache.root))
    assert "model.safetensors: It is not here" in again.out
    assert f"Bring it back alone: modelkeep --root {cache.root} mend org/model --hub" in again.out
    done("trash", "restore", moved["entry"], *roots(cache.root))
    assert "Its content is not what its checksum says." in run("verify", "org/model", *roots(cache.root)).out


def test_a_person_may_say_no_to_the_quarantine(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    damage(cache, "model.safetensors")
    before = tree(cache.root)
    status, shown = run_on_terminal("verify", "org/model", "--quarantine", *roots(cache.root), answer="n\n")
    assert status == 1
    assert "Move 1 damaged file to the trash?" in shown
    assert "Nothing was done." in shown
    assert tree(cache.root) == before
    status, shown = run_on_terminal("verify", "org/model", "--quarantine", *roots(cache.root), answer="y\n")
    assert status == 1
    assert "Moved what is damaged of hf@org/model@" in shown
    assert tree(cache.root) != before


def test_a_pinned_model_keeps_what_is_damaged(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    damage(cache, "model.safetensors")
    done("pin", "org/model", *roots(cache.root))
    result = run("verify", "org/model", "--quarantine", "--yes", *roots(cache.root))
    assert result.status == 1
    assert "It stays: hf@org/model@" in result.err
    assert "is pinned." in result.err
    assert (
        cache.folder("org/model") / "blobs" / etag("model.safetensors", FILES["model.safetensors"])
    ).exists()


def test_a_good_cache_has_nothing_to_quarantine(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    assert (
        done("verify", "org/model", "--quarantine", "--yes", "--json", *roots(cache.root)).json["quarantined"]
        == []
    )
    assert run("verify", "org/model", "--yes", *roots(cache.root)).status == 2


def test_the_list_and_the_details_say_when_it_was_verified(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    [model] = done("list", "--json", *roots(cache.root)).json
    assert (model["verified"], model["verified_at"]) == (None, None)
    done("verify", "org/model", "--deep", *roots(cache.root))
    [model] = done("list", "--json", *roots(cache.root)).json
    assert model["verified"] == model["revisions"][0]["verified"] == "good"
    assert model["verified_at"] == model["revisions"][0]["verified_at"]
    assert ["verified", "good, just now, all files read"] in done(
        "show", "org/model", *roots(cache.root)
    ).lines


def test_a_revision_alone_is_verified(cache: CacheMaker) -> None:
    cache.add("org/model", {"README.md": b"old"}, refs=("v1",))
    cache.add("org/model", FILES)
    damage(cache, "model.safetensors")
    assert done("verify", "org/model@v1", *roots(cache.root)).out.startswith("org/model@v1  good")
    assert run("verify", "org/model", *roots(cache.root)).status == 1


def test_the_json_is_as_described(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    cache.add("org/data", {"a.csv": b"1"}, repo_type="dataset")
    cache.set_ref("org/empty", "main", "a" * 40)
    damage(cache, "model.safetensors")
    result = run("verify", "--all", "--json", *roots(cache.root))
    assert result.status == 1
    check_shape(result.json, VERIFICATION)
    found = {one["key"]: one for one in result.json["revisions"]}
    assert result.json["bad"] == 2
    assert found["hf@org/model"]["verdict"] == "damaged"
    assert found["hf@org/model"]["offline_ready"] is True
    assert found["hf-dataset@org/data"]["offline_ready"] is None
    assert found["hf@org/empty"]["commit"] is None
    text = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    described = text.partition("## `verify KEY...`")[2]
    assert [key for key in json_keys(VERIFICATION | {"quarantined": {}}) if f"`{key}`" not in described] == []


def test_what_a_model_lacks_to_load_offline_is_told_and_is_no_failure(cache: CacheMaker) -> None:
    cache.add("org/model", {"config.json": b'{"model_type": "bert"}'})
    result = done("verify", "org/model", *roots(cache.root))
    assert "To load it offline: No weights are here." in result.out


def test_it_has_to_be_said_what_is_verified(cache: CacheMaker) -> None:
    cache.add("org/model", FILES)
    assert run("verify", *roots(cache.root)).status == 2
    assert run("verify", "org/model", "--all", *roots(cache.root)).status == 2
    unknown = run("verify", "org/modle", *roots(cache.root))
    assert unknown.status == 1
    assert "Did you mean org/model?" in unknown.err


def test_an_empty_cache_is_no_failure(cache: CacheMaker) -> None:
    assert done("verify", "--all", *roots(cache.root)).err == "There is nothing to verify.\n"


def test_a_cache_that_is_away_is_a_failure(cache: CacheMaker, tmp_path: Path) -> None:
    assert run("verify", "--all", *roots(tmp_path / "away")).status == 1
