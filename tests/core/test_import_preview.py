"""What an import would bring is looked into before any of it is written, as far as that costs little."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from modelkeep import Library, open_library
from modelkeep.archive import import_plan
from modelkeep.archive.container import open_container
from modelkeep.archive.import_plan import Action, ImportFile, ImportItem, plan_import
from modelkeep.archive.preview import Allowance, Preview, look_inside
from modelkeep.errors import DamagedArchive, UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.safety import Verdict
from support.archives import real_tar, split, write_folder
from support.models import tiny_safetensors
from support.pickles import calling, torch_zip, zip_of

EVIL = torch_zip(calling("os", "system"))
GOOD = {"config.json": b'{"model_type": "bert"}', "model.safetensors": tiny_safetensors()}
LARGE = 200_000


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is told must not hang on how busy this machine is."""
    monkeypatch.setattr(import_plan, "_LOOKING", 60.0)


def stored(path: Path, files: Mapping[str, bytes]) -> Path:
    path.write_bytes(zip_of(files))
    return path


def deflated(path: Path, files: Mapping[str, bytes]) -> Path:
    path.write_bytes(zip_of(files, deflated=True))
    return path


SEEKABLE: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {
    "zip": stored,
    "split": lambda path, files: split(stored(path, files), 70_000),
    "tar": real_tar,
    "folder": write_folder,
}
PACKED: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {
    "deflated": deflated,
    "tar.gz": lambda path, files: real_tar(path, files, "-z"),
}


def item(tmp_path: Path, files: Mapping[str, bytes], pack: Callable[..., Path] = stored) -> ImportItem:
    source = pack(tmp_path / "model.zip", {f"model/{name}": content for name, content in files.items()})
    [planned] = plan_import([source], tmp_path / "hub", name=ModelKey("org/name")).items
    return planned


def look(path: Path, allowance: Allowance) -> Preview:
    with open_container(path) as container:
        files = [ImportFile(member.name, member, lfs=False) for member in container.members]
        return look_inside(container, files, allowance)


# ---- a part of a container as a file


@pytest.mark.parametrize("pack", SEEKABLE.values(), ids=SEEKABLE)
def test_a_window_shows_a_file_where_it_lies(pack: Callable[..., Path], tmp_path: Path) -> None:
    content = os.urandom(LARGE)
    path = pack(tmp_path / "model.zip", {"before": b"1234", "weights.bin": content, "empty": b""})
    with open_container(path) as container:
        members = {member.name: member for member in container.members}
        with container.window(members["weights.bin"]) or io.BytesIO() as window:
            assert window.read() == content
            assert window.seek(-5, os.SEEK_END) == LARGE - 5
            assert (window.read(100), window.read(1)) == (content[-5:], b"")
            assert window.seek(LARGE + 10) == LARGE + 10
            assert window.read(1) == b""
            with pytest.raises((ValueError, OSError)):
                window.seek(-1)
        empty = container.window(members["empty"])
        assert empty
        assert empty.read() == b""
    with pytest.raises(ValueError, match="closed"):
        empty.read(1)


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_there_is_no_window_where_it_would_cost(pack: Callable[..., Path], tmp_path: Path) -> None:
    path = pack(tmp_path / "model.zip", {"weights.bin": os.urandom(LARGE)})
    with open_container(path) as container:
        [member] = [member for member in container.members if member.name == "weights.bin"]
        assert container.window(member) is None


def test_looking_leaves_the_time_of_the_last_access(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"config.json": b"{}", "a.pkl": pickle.dumps(1)})
    for name in ("config.json", "a.pkl"):
        os.utime(folder / name, (1_000_000, 1_000_000))
    plan_import([folder], tmp_path / "hub", name=ModelKey("org/name"))
    assert {(folder / name).stat().st_atime for name in ("config.json", "a.pkl")} == {1_000_000}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"config.json": b"{}", "a.pkl": pickle.dumps(1)})
    with open_container(folder) as container:
        (folder / "a.pkl").unlink()
        os.mkfifo(folder / "a.pkl")
        [member] = [member for member in container.members if member.name == "a.pkl"]
        for look_at in (container.window, lambda member: list(container.chunks(member))):
            with pytest.raises(DamagedArchive):
                look_at(member)


# ---- what is told


@pytest.mark.parametrize("pack", [*SEEKABLE.values(), deflated], ids=[*SEEKABLE, "deflated"])
def test_a_dangerous_pickle_is_told_before_anything_is_written(
    pack: Callable[..., Path], tmp_path: Path
) -> None:
    planned = item(tmp_path, {**GOOD, "pytorch_model.bin": EVIL}, pack)
    assert planned.action is Action.NEW
    assert planned.error is None
    assert planned.safety
    assert planned.safety.verdict is Verdict.DANGEROUS
    [bad] = [file for file in planned.safety.files if file.findings]
    assert bad.path == "pytorch_model.bin"
    assert "os.system" in bad.findings[0].sentence
    assert bad.findings[0].where == "archive/data.pkl"
    assert planned.unscanned == ()
    assert not (tmp_path / "hub").exists()


def test_what_a_model_brings_besides_numbers_is_told(tmp_path: Path) -> None:
    files = {
        "config.json": b'{"auto_map": {"AutoModel": "modeling.Own"}}',
        "modeling.py": b"import os",
        "tokenizer_config.json": b'{"chat_template": "{{ x.__class__.__mro__ }}"}',
        "lib/tool": b"\x7fELF" + bytes(100),
        "model.safetensors": tiny_safetensors(),
    }
    found = item(tmp_path, files).safety
    assert found
    assert {file.path: (file.findings[0].kind, file.verdict) for file in found.files if file.findings} == {
        "config.json": ("own-code", Verdict.NOTICE),
        "modeling.py": ("own-code", Verdict.NOTICE),
        "tokenizer_config.json": ("template", Verdict.DANGEROUS),
        "lib/tool": ("executable", Verdict.SUSPICIOUS),
    }


def test_what_should_not_be_passed_on_is_told(tmp_path: Path) -> None:
    files = {**GOOD, ".env": b"A=1", "notes.txt": b"x\n-----BEGIN RSA PRIVATE KEY-----\n"}
    found = item(tmp_path, files).safety
    assert found
    assert {file.path: file.findings[0].kind for file in found.files if file.findings} == {
        ".env": "secret",
        "notes.txt": "secret",
    }


def test_of_a_compressed_tar_small_files_are_looked_at(tmp_path: Path) -> None:
    files = {"config.json": b'{"auto_map": {"A": "b.C"}}' + b" " * 2000, "model.bin": os.urandom(LARGE)}
    planned = item(tmp_path, files, PACKED["tar.gz"])
    assert planned.safety
    assert [file.path for file in planned.safety.files] == ["config.json"]
    assert planned.safety.verdict is Verdict.NOTICE
    assert planned.unscanned == ("model.bin",)


def test_of_what_is_here_already_nothing_is_told(tmp_path: Path, library: Library) -> None:
    source = stored(tmp_path / "model.zip", {"model/config.json": b'{"auto_map": {"A": "b.C"}}'})
    library.archives.run_import(library.archives.plan_import([source], name="org/name"))
    [planned] = library.archives.plan_import([source], name="org/name").items
    assert (planned.action, planned.safety) == (Action.PRESENT, None)


# ---- what it may cost


def test_what_is_left_over_is_said(tmp_path: Path) -> None:
    files = {f"data/{number:03}.json": b"{}" for number in range(100)}
    planned = item(tmp_path, {**GOOD, **files, "deep/in/it.pkl": calling("os", "system")})
    assert planned.safety
    assert planned.safety.verdict is Verdict.DANGEROUS
    looked_at = {file.path for file in planned.safety.files}
    assert looked_at | set(planned.unscanned) == {file.name for file in planned.files}
    assert looked_at.isdisjoint(planned.unscanned)
    assert 30 <= len(planned.unscanned) <= 60


def test_a_used_up_allowance_ends_it(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.zip", {"a.pkl": calling("os", "system")})
    assert look(path, Allowance(-1)) == Preview(None, ("a.pkl",))
    assert look(path, Allowance(60, size=4)).unscanned == ("a.pkl",)
    found = look(path, Allowance(60)).verdict
    assert found
    assert found.verdict is Verdict.DANGEROUS


def test_what_was_found_before_the_allowance_ended_is_kept(tmp_path: Path) -> None:
    parts = {"archive/data.pkl": calling("os", "system"), "archive/code/more.pkl": bytes(3 << 20)}
    path = stored(tmp_path / "a.zip", {"model.pt": zip_of(parts)})
    found = look(path, Allowance(60, size=1 << 20))
    assert found.unscanned == ("model.pt",)
    assert found.verdict
    assert [file.verdict for file in found.verdict.files] == [Verdict.DANGEROUS]
    assert not any("when it is imported" in finding.sentence for finding in found.verdict.files[0].findings)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = zip_of(
        {f"archive/{number}.pkl": b"\x80\x02." + bytes(30 << 20) for number in range(4)}, deflated=True
    )
    planned = item(tmp_path, {**GOOD, "model.pt": bomb})
    assert planned.unscanned == ("model.pt",)


def test_a_member_that_is_a_bomb_is_not_taken_out(tmp_path: Path) -> None:
    planned = item(tmp_path, {**GOOD, "model.bin": bytes(20 << 20)}, deflated)
    assert planned.unscanned == ("model.bin",)


def test_the_template_of_a_large_gguf_file_is_looked_at_and_the_rest_is_not(tmp_path: Path) -> None:
    name, text = b"tokenizer.chat_template", b"{{ x.__class__.__mro__ }}"
    field = name + (8).to_bytes(4, "little") + len(text).to_bytes(8, "little") + text
    content = b"GGUF" + bytes(20) + field + bytes(12 << 20)
    planned = item(tmp_path, {**GOOD, "model.gguf": content})
    assert planned.safety
    assert planned.safety.verdict is Verdict.DANGEROUS
    assert planned.unscanned == ("model.gguf",)


def test_a_file_that_breaks_is_left_to_the_import(tmp_path: Path) -> None:
    content = zip_of({"config.json": b"{}", "a.pkl": pickle.dumps("x" * 1000)}, deflated=True)
    at = content.index(b"a.pkl") + len(b"a.pkl")
    path = tmp_path / "a.zip"
    path.write_bytes(content[:at] + b"\xff\xff" + content[at + 2 :])
    assert look(path, Allowance(60)).unscanned == ("a.pkl",)


# ---- between plan and run


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library([tmp_path / "hub"]) as opened:
        yield opened


def test_an_archive_that_turns_bad_after_the_plan_is_stopped(tmp_path: Path, library: Library) -> None:
    bad = calling("os", "system", "x" * 20)
    good = calling("collections", "OrderedDict", "x" * (20 - len("collectionsOrderedDict") + len("ossystem")))
    folder = write_folder(tmp_path / "folder", {**GOOD, "a.pkl": good})
    plan = library.archives.plan_import([folder], name="org/name")
    assert plan.items[0].safety
    assert plan.items[0].safety.verdict is Verdict.CLEAN
    before = (folder / "a.pkl").stat()
    (folder / "a.pkl").write_bytes(bad)
    [done] = library.archives.run_import(plan).items
    assert isinstance(done.error, DamagedArchive)
    # With the size and time that it had, only the gate can see it.
    assert len(bad) == len(good)
    os.utime(folder / "a.pkl", ns=(before.st_atime_ns, before.st_mtime_ns))
    [done] = library.archives.run_import(plan).items
    assert isinstance(done.error, UnsafeModel)
    assert not list((tmp_path / "hub").glob("models--*"))


def test_the_plan_blocks_nothing_and_the_gate_does(tmp_path: Path, library: Library) -> None:
    source = stored(tmp_path / "a.zip", {"model/a.bin": EVIL})
    plan = library.archives.plan_import([source], name="org/evil")
    assert plan.problems == ()
    assert isinstance(library.archives.run_import(plan).items[0].error, UnsafeModel)
    assert library.archives.run_import(plan, allow_unsafe=["org/evil"]).items[0].error is None
