"""`import`, `export` and `staging`: there and back again, and what becomes of half an import."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.cache.staging import Work, open_staging
from support.archives import COMMIT, FILES, dss_zip, entries
from support.caches import CacheMaker
from support.cli import COMMAND, check_shape, done, roots, run, run_on_terminal, tree
from support.json_shapes import CLEARED, EXPORT, IMPORT, LEFTOVER, RESUMED
from support.models import tiny_bert_files, write_files
from support.pickles import calling, torch_zip


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return dss_zip(tmp_path / "name.zip", entries(sums=True))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where a cache will be: an import makes it."""
    return tmp_path / "new" / "hub"


def names(root: Path) -> list[str]:
    return [line[0] for line in done("list", *roots(root)).lines]


# ---- import


def test_another_commit_of_a_model_becomes_a_revision_more(archive: Path, root: Path, tmp_path: Path) -> None:
    done("import", archive, *roots(root))
    newer = dss_zip(tmp_path / "newer.zip", entries(commit="b" * 40))
    [item] = done("import", newer, "--json", *roots(root)).json["items"]
    assert (item["action"], item["moves_ref"]["name"]) == ("add-revision", "main")
    [model] = done("list", "--json", *roots(root)).json
    assert {revision["commit"]: revision["refs"] for revision in model["revisions"]} == {
        COMMIT: [],
        "b" * 40: ["main"],
    }


def test_a_pipe_imports_at_once(archive: Path, root: Path) -> None:
    result = done("import", archive, *roots(root))
    assert result.out.startswith(f"Imported hf@org/name into {root}")
    assert names(root) == ["hf@org/name"]
    assert done("import", archive, *roots(root)).out == f"hf@org/name is in {root} already.\n"


def test_import_json_tells_the_plan_and_what_happened(archive: Path, root: Path) -> None:
    planned = done("import", archive, "--dry-run", "--json", *roots(root)).json
    check_shape(planned, IMPORT)
    assert (planned["executed"], planned["items"][0]["status"]) == (False, "planned")
    assert not root.exists()
    result = done("import", archive, "--json", *roots(root)).json
    check_shape(result, IMPORT)
    [item] = result["items"]
    assert (result["executed"], item["status"]) == (True, "imported")
    assert item["bytes_written"] == planned["bytes_needed"] == sum(map(len, FILES.values()))
    assert Path(item["path"]).is_dir()
    [again] = done("import", archive, "--json", *roots(root)).json["items"]
    assert (again["action"], again["status"], again["bytes_written"]) == ("present", "present", 0)


def test_one_bad_archive_keeps_no_other_out(archive: Path, root: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(archive.read_bytes()[:-200])
    result = run("import", bad, archive, "--json", *roots(root))
    assert result.status == 1
    assert [item["status"] for item in result.json["items"]] == ["refused", "imported"]
    assert "bad.zip" in result.err
    assert "Traceback" not in result.err
    assert names(root) == ["hf@org/name"]


def test_what_is_in_the_files_is_told_before_they_come(root: Path, tmp_path: Path) -> None:
    files = {f"data/{number}.txt": b"x" for number in range(80)}
    evil = {"pytorch_model.bin": torch_zip(calling("os", "system")), "own.py": b"import os", **files}
    archive = dss_zip(tmp_path / "evil.zip", entries(evil, sums=True))
    planned = done("import", archive, "--dry-run", "--json", *roots(root)).json
    check_shape(planned, IMPORT)
    [item] = planned["items"]
    assert (item["status"], item["error"], item["safety"]["verdict"]) == ("planned", None, "dangerous")
    assert [file["path"] for file in item["safety"]["files"]] == ["own.py", "pytorch_model.bin"]
    assert 0 < len(item["unscanned"]) < 80
    said = done("import", archive, "--dry-run", *roots(root)).out
    assert "pytorch_model.bin  dangerous" in said
    assert "os.system" in said
    assert "It is Python code" in said
    assert "It is not imported unless you allow it by its name: --allow-unsafe org/name" in said
    assert "files are scanned when it is imported" in said
    status, shown = run_on_terminal("import", archive, *roots(root), answer="\n")
    assert status == 1
    assert "os.system" in shown
    assert "[y/N]" in shown
    _, shown = run_on_terminal("import", archive, "--allow-unsafe", "org/name", *roots(root), answer="\n")
    assert "[Y/n]" in shown
    assert names(root) == ["hf@org/name"]


def test_a_model_without_a_name_asks_for_one(root: Path, tmp_path: Path) -> None:
    nameless = dss_zip(tmp_path / "nameless.zip", entries(key=None))
    result = run("import", nameless, *roots(root))
    assert result.status == 1
    assert "--as" in result.err
    done("import", nameless, "--as", "our/model", *roots(root))
    assert names(root) == ["hf@our/model"]


def test_other_content_under_the_same_commit_needs_a_word(archive: Path, root: Path, tmp_path: Path) -> None:
    done("import", archive, *roots(root))
    changed = dss_zip(tmp_path / "changed.zip", entries({**FILES, "config.json": b'{"model_type": "gpt2"}'}))
    before = tree(root)
    for dry in (["--dry-run"], []):
        result = run("import", changed, *dry, *roots(root))
        assert result.status == 1
        assert "--replace" in result.err
    assert tree(root) == before
    [item] = done("import", changed, "--replace", "--json", *roots(root)).json["items"]
    assert (item["replaces"], item["status"]) == (["config.json"], "imported")
    assert done("show", "org/name", "--json", *roots(root)).json["size"] < 600_000


def test_a_person_is_shown_the_import_and_asked(archive: Path, root: Path) -> None:
    status, shown = run_on_terminal("import", archive, *roots(root), answer="n\n")
    assert status == 1
    assert "hf@org/name" in shown
    assert "[Y/n]" in shown
    assert not root.exists()
    status, shown = run_on_terminal("import", archive, *roots(root), answer="\n")
    assert status == 0
    assert names(root) == ["hf@org/name"]


def test_an_import_goes_into_one_cache_that_is_there(archive: Path, root: Path, tmp_path: Path) -> None:
    assert run("import", archive, *roots(root, tmp_path)).status == 2
    result = run("import", archive, *roots(Path("/media/nobody/stick/hub")))
    assert result.status == 1
    assert "not mounted" in result.err
    assert not Path("/media/nobody").exists()


# ---- export


@pytest.fixture
def bert(cache: CacheMaker) -> CacheMaker:
    cache.add("org/bert", tiny_bert_files())
    return cache


def test_what_is_exported_is_imported_elsewhere(bert: CacheMaker, root: Path, tmp_path: Path) -> None:
    planned = done(
        "export", "org/bert", "--to", tmp_path / "out", "--dry-run", "--json", *roots(bert.root)
    ).json
    check_shape(planned, EXPORT)
    assert not (tmp_path / "out").exists()
    result = done("export", "org/bert", "--to", tmp_path / "out", "--json", *roots(bert.root)).json
    check_shape(result, EXPORT)
    [item] = result["items"]
    [path] = item["paths"]
    assert (item["status"], item["size"]) == ("exported", os.path.getsize(path))
    assert planned["total"] == item["size"]
    done("import", path, *roots(root))
    [ours], [theirs] = (done("list", "--json", *roots(one)).json for one in (root, bert.root))
    assert (ours["key"], ours["size"]) == (theirs["key"], theirs["size"])
    assert ours["revisions"][0]["commit"] == theirs["revisions"][0]["commit"]


def test_a_plain_archive_has_no_checksums(bert: CacheMaker, tmp_path: Path) -> None:
    for options, has in ((["--plain"], False), ([], True)):
        target = tmp_path / f"{has}.zip"
        done("export", "org/bert", "--to", target, *options, *roots(bert.root))
        with zipfile.ZipFile(target) as archive:
            assert any(name.endswith("SHA256SUMS") for name in archive.namelist()) is has


def test_a_bundle_in_volumes_is_imported_as_it_is(bert: CacheMaker, root: Path, tmp_path: Path) -> None:
    bert.add("org/other")
    out = tmp_path / "stick"
    result = done(
        *("export", "org/bert", "org/other", "--to", out, "--bundle", "--split", "40kB", "--json"),
        *roots(bert.root),
    ).json
    assert result["bundle"] is True
    assert result["split"] == 40_000
    assert len(result["items"][0]["paths"]) > 1
    assert {"index.json", "SHA256SUMS"} <= set(os.listdir(out))
    done("import", out, *roots(root))
    assert names(root) == ["hf@org/bert", "hf@org/other"]


def test_an_older_export_is_replaced_only_with_a_word(bert: CacheMaker, tmp_path: Path) -> None:
    arguments = ["export", "org/bert", "--to", str(tmp_path / "out"), *roots(bert.root)]
    done(*arguments)
    before = tree(tmp_path / "out")
    assert run(*arguments).status == 2
    assert tree(tmp_path / "out") == before
    done(*arguments, "--yes")
    status, shown = run_on_terminal(*arguments, answer="y\n")
    assert status == 0
    assert "replaces org_2fbert.zip" in shown


def test_a_damaged_model_is_not_exported_and_the_others_are(bert: CacheMaker, tmp_path: Path) -> None:
    bert.add("org/broken", {"config.json": b"{}", "vocab.txt": b"a"})
    next((bert.folder("org/broken") / "blobs").iterdir()).unlink()
    result = run("export", "org/broken", "org/bert", "--to", tmp_path / "out", "--json", *roots(bert.root))
    assert result.status == 1
    assert [item["status"] for item in result.json["items"]] == ["refused", "exported"]
    assert "org/broken is damaged" in result.err
    assert os.listdir(tmp_path / "out") == ["org_2fbert.zip"]


# ---- interrupted


def test_ctrl_c_stops_an_import_and_leaves_the_cache_as_it_was(root: Path, tmp_path: Path) -> None:
    folder = write_files(tmp_path / "model", {"config.json": b"{}"})
    with open(folder / "model.safetensors", "wb") as weights:
        weights.truncate(400 << 20)
    process = subprocess.Popen(
        [*COMMAND, "import", folder, "--as", "org/big", *roots(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_for(lambda: [*root.glob(".modelkeep/staging/*/*.part")] or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert err.endswith("Stopped.\n")
    assert "Traceback" not in err
    assert not [*root.glob("models--*")]
    assert done("staging", "list", *roots(root)).out == ""


def _wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def interrupted(archive: Path, root: Path) -> Path:
    """The root of an import that was killed just after it had begun."""
    root.mkdir(parents=True)
    with open_library([root]) as library:
        [item] = library.archives.plan_import([archive]).items
        with open_staging(root, item.work):
            pass
    return root


def test_a_killed_import_is_found_and_goes_on(interrupted: Path) -> None:
    found = done("staging", "list", "--json", *roots(interrupted)).json
    check_shape(found, [LEFTOVER])
    assert [(left["key"], left["alive"]) for left in found] == [("hf@org/name", False)]
    [line] = done("staging", "list", *roots(interrupted)).lines
    assert line[2:4] == ["hf@org/name", "left"]
    before = tree(interrupted)
    planned = done("staging", "resume", "--dry-run", "--json", *roots(interrupted)).json
    check_shape(planned, RESUMED)
    assert tree(interrupted) == before
    assert done("staging", "resume", *roots(interrupted)).out == "Imported hf@org/name.\n"
    assert names(interrupted) == ["hf@org/name"]
    assert done("staging", "resume", *roots(interrupted)).out == "No import was interrupted.\n"


def test_a_killed_import_is_cleared_with_a_word(interrupted: Path) -> None:
    before = tree(interrupted)
    assert run("staging", "clear", *roots(interrupted)).status == 2
    check_shape(done("staging", "clear", "--dry-run", "--json", *roots(interrupted)).json, CLEARED)
    assert tree(interrupted) == before
    cleared = done("staging", "clear", "--yes", "--json", *roots(interrupted)).json
    check_shape(cleared, CLEARED)
    assert cleared["freed"] > 0
    assert done("staging", "list", *roots(interrupted)).out == ""


@pytest.mark.parametrize(
    ("folder", "begun", "said"),
    [
        ("safetensors", "conversion", "What was left of hf@org/name was begun by a conversion."),
        ("mend", "mending", "What was left of hf@org/name was begun by a mending."),
        ("pushed by clients", "push", "was begun by a push"),
        ("of later times", "unknown", "nobody knows"),
    ],
)
def test_what_no_import_left_is_not_taken_for_one(root: Path, folder: str, begun: str, said: str) -> None:
    with open_staging(root, Work((), folder, "hf@org/name", None)) as staging:
        pass
    [left] = done("staging", "list", "--json", *roots(root)).json
    assert left["begun_by"] == begun
    before = tree(root)
    for dry in (["--dry-run"], []):
        result = run("staging", "resume", staging.path.name, "--json", *dry, *roots(root))
        assert result.status == 1
        assert said in result.err
        assert [item["status"] for item in result.json["items"]] == ["failed"]
    everything = done("staging", "resume", *roots(root))
    assert "not resumed here" in everything.err
    assert "Imported" not in everything.out
    assert tree(root) == before


def test_what_cannot_go_on_says_why(interrupted: Path, archive: Path) -> None:
    archive.unlink()
    result = run("staging", "resume", "--json", *roots(interrupted))
    assert result.status == 1
    assert [item["status"] for item in result.json["items"]] == ["failed"]
    assert "name.zip" in result.err
    result = run("staging", "clear", "nonsense", "--yes", *roots(interrupted))
    assert result.status == 1
    assert "nonsense" in result.err
