"""Signed archives: proven by hand and on import, and refused when they are not what was signed."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from modelkeep.archive.bundle import execute_bundle
from modelkeep.archive.export_plan import ArchiveOptions, plan_export
from modelkeep.archive.import_plan import Action, ImportItem, plan_import
from modelkeep.archive.minisign import PublicKey, SecretKey, make_key, write_key
from modelkeep.archive.pack import execute_export
from modelkeep.archive.signature import Standing
from modelkeep.archive.unpack import execute_import
from modelkeep.errors import ArchiveError, DamagedArchive
from support.archives import FILES, entries, git_clone, info_zip, write_folder
from support.caches import CacheMaker, sha256
from support.exports import packables
from support.imports import imported, loaded

KEY = make_key()
TRUSTED = [KEY.public]
FOLDER = "org_2fname"


@pytest.fixture
def archive(cache: CacheMaker, tmp_path: Path) -> Path:
    cache.add("org/name", FILES)
    return signed(cache, tmp_path / "name.zip")


def signed(cache: CacheMaker, target: Path, key: SecretKey | None = KEY, split: int | None = None) -> Path:
    plan = plan_export(packables(cache.root), target, options=ArchiveOptions(split=split, signer=key))
    done = execute_export(plan)
    assert not done.failures
    [item] = plan.items
    assert sum(path.stat().st_size for path in done.archives[0].paths) == item.size
    return done.archives[0].paths[0]


def planned(path: Path, root: Path, trusted: list[PublicKey]) -> ImportItem:
    [item] = plan_import([path], root, trusted=trusted).items
    return item


def unpacked(archive: Path) -> Path:
    folder = archive.with_suffix(".folder")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder / FOLDER


@pytest.mark.skipif(shutil.which("minisign") is None, reason="minisign is not installed")
def test_it_is_proven_by_hand(archive: Path, tmp_path: Path) -> None:
    _, public = write_key(KEY, tmp_path / "key", None)
    folder = unpacked(archive)
    done = subprocess.run(
        ["minisign", "-Vm", "SHA256SUMS", "-p", public],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "modelkeep hf@org/name" in done.stdout
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - listed == {"SHA256SUMS", "SHA256SUMS.minisig"}


def test_the_plan_says_who_signed_it(archive: Path, tmp_path: Path) -> None:
    root = tmp_path / "new"
    verified = planned(archive, root, TRUSTED).signature
    assert verified
    assert (verified.standing, verified.key_id) == (Standing.VERIFIED, KEY.public.name)
    assert "hf@org/name" in verified.comment
    unknown = planned(archive, root, []).signature
    assert unknown
    assert (unknown.standing, unknown.key_id) == (Standing.UNKNOWN_KEY, KEY.public.name)
    imported(archive, root, trusted=TRUSTED)
    assert loaded(root) == FILES


def test_a_wrong_key_and_no_signature_are_refused(archive: Path, cache: CacheMaker, tmp_path: Path) -> None:
    root = tmp_path / "new"
    item = planned(archive, root, [make_key().public])
    assert item.action is Action.REFUSED
    assert KEY.public.name in item.problem
    clone, _ = git_clone(tmp_path)
    for unsigned in (
        signed(cache, tmp_path / "unsigned.zip", None),
        write_folder(tmp_path / "folder", entries()),
        clone,
    ):
        assert "is not signed" in planned(unsigned, root, TRUSTED).problem
        assert planned(unsigned, root, []).signature is None
    assert not root.exists()


def change(name: str, content: bytes) -> Callable[[Path], None]:
    def changed(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes() + content)

    return changed


def relist(name: str, content: bytes) -> Callable[[Path], None]:
    """As somebody does who changes a file and its checksum, and has no key."""

    def changed(folder: Path) -> None:
        change(name, content)(folder)
        sums = {
            path.relative_to(folder).as_posix(): sha256(path.read_bytes())
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith("SHA256SUMS")
        }
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        (folder / "SHA256SUMS").write_text(lines)

    return changed


def drop_from_list(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    (folder / "SHA256SUMS").write_text("".join(line for line in lines if "model_metadata" not in line))
    (folder / "SHA256SUMS.minisig").write_bytes(KEY.sign((folder / "SHA256SUMS").read_bytes(), "mine"))


def resign(folder: Path) -> None:
    relist("model/config.json", b" ")(folder)
    other = SecretKey(KEY.id, make_key().key)
    (folder / "SHA256SUMS.minisig").write_bytes(other.sign((folder / "SHA256SUMS").read_bytes(), "x"))


@pytest.mark.parametrize(
    "tamper",
    [
        change("SHA256SUMS", b"\n"),
        change("model_metadata.json", b" "),
        change("model/config.json", b" "),
        change("SHA256SUMS.minisig", b"more"),
        relist("model/config.json", b" "),
        relist("model_metadata.json", b" "),
        drop_from_list,
        resign,
        lambda folder: (folder / "model" / "added.py").write_bytes(b"import os"),
        lambda folder: (folder / "model" / "README.md").unlink(),
        lambda folder: (folder / "SHA256SUMS").unlink(),
        lambda folder: (folder / "SHA256SUMS.minisig").unlink(),
    ],
)
def test_what_was_altered_is_refused(archive: Path, tmp_path: Path, tamper: Callable[[Path], object]) -> None:
    folder = unpacked(archive)
    assert planned(folder, tmp_path / "new", TRUSTED).error is None
    tamper(folder)
    item = planned(folder, tmp_path / "new", TRUSTED)
    assert item.action is Action.REFUSED
    assert isinstance(item.error, ArchiveError)


def test_what_nobody_signed_is_not_read(archive: Path, tmp_path: Path) -> None:
    folder = unpacked(archive)
    before = planned(folder, tmp_path / "new", TRUSTED).files
    clone, _ = git_clone(tmp_path / "git")
    shutil.copytree(clone / ".git", folder / "model" / ".git")
    item = planned(folder, tmp_path / "new", TRUSTED)
    assert item.error is None
    assert [file[:6] for file in item.files] == [file[:6] for file in before]
    assert all(file.git_blob is None for file in item.files)


def test_large_files_that_were_altered_are_found_when_they_are_read(archive: Path, tmp_path: Path) -> None:
    folder, root = unpacked(archive), tmp_path / "new"
    weights = folder / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[::-1])
    plan = plan_import([folder], root, trusted=TRUSTED)
    [done] = execute_import(plan).items
    assert isinstance(done.error, DamagedArchive)
    assert not (root / "models--org--name").exists()


def test_what_was_repacked_by_hand_is_still_signed(archive: Path, tmp_path: Path) -> None:
    folder = unpacked(archive)
    files = {
        f"{FOLDER}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    imported(info_zip(tmp_path / "again.zip", files), tmp_path / "new", trusted=TRUSTED)


def test_a_signed_bundle_is_proven_by_hand_and_loses_its_signature_when_it_is_added_to(
    cache: CacheMaker, tmp_path: Path
) -> None:
    cache.add("org/name", FILES)
    carried = tmp_path / "stick"
    plan = plan_export(packables(cache.root), carried, options=ArchiveOptions(split=100_000, signer=KEY))
    assert not execute_bundle(plan).failures
    if shutil.which("minisign"):
        _, public = write_key(KEY, tmp_path / "key", None)
        subprocess.run(["minisign", "-qVm", "SHA256SUMS", "-p", public], cwd=carried, check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=carried, check=True)
    imported(carried, tmp_path / "new", trusted=TRUSTED)
    assert not execute_bundle(plan_export(packables(cache.root), carried)).failures
    assert not (carried / "SHA256SUMS.minisig").exists()


# ---- volumes


@pytest.fixture
def volumes(cache: CacheMaker, tmp_path: Path) -> list[Path]:
    cache.add("org/name", FILES)
    first = signed(cache, tmp_path / "stick" / "name.zip", split=100_000)
    found = sorted(first.parent.iterdir())
    assert len(found) == 6
    return found


def problem(volumes: list[Path], root: Path) -> str:
    """What is said of the volumes, by the plan or the import."""
    plan = plan_import([volumes[0]], root, trusted=TRUSTED)
    said = plan.problems or execute_import(plan).failures
    assert not (root / "models--org--name").exists()
    [sentence] = said
    return sentence


def test_signed_volumes_come_in(volumes: list[Path], tmp_path: Path) -> None:
    imported(volumes[0], tmp_path / "new", trusted=TRUSTED)
    assert loaded(tmp_path / "new") == FILES


def test_a_volume_that_is_missing_is_named(volumes: list[Path], tmp_path: Path) -> None:
    volumes[2].unlink()
    assert "name.zip.003 is missing" in problem(volumes, tmp_path / "new")


def test_volumes_that_are_cut_off_or_swapped_or_altered_are_refused(
    volumes: list[Path], tmp_path: Path
) -> None:
    good = [path.read_bytes() for path in volumes]

    def with_(*contents: bytes) -> str:
        for path, content in zip(volumes, contents, strict=True):
            path.write_bytes(content)
        return problem(volumes, tmp_path / "new")

    assert with_(*good[:-1], good[-1][:-1])
    assert with_(*good[:2], good[2][:-100], *good[3:])
    assert with_(good[0], good[2], good[1], *good[3:])
    middle = bytearray(good[2])
    middle[50_000] ^= 1
    assert with_(*good[:2], bytes(middle), *good[3:])
    head = bytearray(good[0])
    place = head.index(b"SHA256SUMS.minisig")
    at = head.index(b"trusted comment: modelkeep", place) + 30
    head[at] ^= 1
    assert with_(bytes(head), *good[1:])


def test_what_has_no_checksums_cannot_be_signed(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/name", FILES)
    with pytest.raises(ArchiveError, match="cannot be signed"):
        plan_export(packables(cache.root), tmp_path, options=ArchiveOptions(checksums=False, signer=KEY))
