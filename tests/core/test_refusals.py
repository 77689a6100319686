"""Every archive that is not what it should be is refused, with its reason, and leaves the cache as it was."""

from __future__ import annotations

import gzip
import json
import pickle
import stat
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from modelkeep.archive.import_plan import Action, plan_import
from modelkeep.archive.unpack import execute_import
from modelkeep.errors import ArchiveError, DamagedArchive, ModelKeepError, UnknownArchive, UnsafeArchive
from modelkeep.keys import ModelKey
from support.archives import (
    COMMIT,
    FILES,
    LFS_ATTRIBUTES,
    WEIGHTS,
    dss_zip,
    entries,
    explorer_zip,
    git_clone,
    info_zip,
    metadata,
    raw_zip,
    real_tar,
    renamed,
    split,
    tar_of,
    tree_of,
    write_folder,
)
from support.caches import CacheMaker


@pytest.fixture
def root(cache: CacheMaker) -> Path:
    """A cache with a model in it, which no refused archive may touch."""
    cache.add("org/other", {"config.json": b"{}", "model.safetensors": b"other"})
    return cache.root


def refused(
    path: Path, root: Path, error: type[ModelKeepError], why: str, *, when: str = "planning"
) -> ModelKeepError:
    """Import, and see it refused: `when` planning, or else while reading what only reading shows."""
    before = tree_of(root)
    plan = plan_import([path], root)
    assert tree_of(root) == before, "planning changed the cache"
    [item] = plan.items
    assert (item.action is Action.REFUSED) == (when == "planning"), item
    [done] = execute_import(plan).items
    after = {name: what for name, what in tree_of(root).items() if not name.startswith(".locks")}
    assert after == before, "a refused import changed the cache"
    assert type(done.error) is error, repr(done.error)
    assert why in str(done.error)
    assert str(done.error).endswith(".")
    return done.error


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def zip_with(path: Path, *more: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    return raw_zip(path, *entries().items(), *more)


# ---- names


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "absolute"),
        ("../outside", "“..”"),
        ("org_2fname/model/../../outside", "“..”"),
        ("C:/outside", "drive"),
        ("org_2fname/model/nul.json", "device"),
        ("org_2fname/model/line\nbreak", "control character"),
        ("org_2fname/model/" + "x" * 300, "255 bytes"),
    ],
)
def test_a_name_that_could_do_harm(name: str, why: str, root: Path, tmp_path: Path) -> None:
    refused(zip_with(tmp_path / "a.zip", (name, b"x")), root, UnsafeArchive, why)
    info = tarfile.TarInfo(name)
    info.size = 1
    refused(tar_of(tmp_path / "a.tar", info, data=b"x"), root, UnsafeArchive, why)
    refused(tar_of(tmp_path / "a.tgz", info, mode="w:gz", data=b"x"), root, UnsafeArchive, why)


def test_a_backslash_as_old_net_programs_write(root: Path, tmp_path: Path) -> None:
    path = zip_with(tmp_path / "a.zip", ("org_2fname/model/sub/config", b"x"))
    refused(renamed(path, b"sub/config", b"sub\\config"), root, UnsafeArchive, "backslash")


def test_a_nul_that_would_hide_the_end_of_a_name(root: Path, tmp_path: Path) -> None:
    path = zip_with(tmp_path / "a.zip", ("org_2fname/model/config.json_.exe", b"x"))
    refused(
        renamed(path, b"config.json_.exe", b"config.json\0.exe"), root, UnsafeArchive, "control character"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Config.json", "config.json"),
        ("\u00e9.json", "e\u0301.json"),
        ("a", "a/b"),
        ("\ufb01le.bin", "file.bin"),
    ],
)
def test_two_entries_that_are_one_name(one: str, other: str, root: Path, tmp_path: Path) -> None:
    content = entries({"model.safetensors": WEIGHTS, one: b"1", other: b"2"})
    refused(
        dss_zip(tmp_path / "a.zip", content), root, UnsafeArchive, "same file" if one != "a" else "folder"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_entry_twice(root: Path, tmp_path: Path) -> None:
    twice = ("org_2fname/model/config.json", b"{}")
    refused(zip_with(tmp_path / "a.zip", twice), root, UnsafeArchive, "twice")
    info = tarfile.TarInfo("org_2fname/model/config.json")
    refused(tar_of(tmp_path / "a.tar", info), root, UnsafeArchive, "twice")


# ---- kinds of entries


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_a_zip_entry_that_is_no_file(mode: int, root: Path, tmp_path: Path) -> None:
    path = zip_with(tmp_path / "a.zip", (entry("org_2fname/model/x", mode | 0o777), b"/etc/passwd"))
    refused(path, root, UnsafeArchive, "a symbolic link" if mode == stat.S_IFLNK else "a device")


def test_a_symlink_as_zip_keeps_it(root: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", entries())
    (folder / "org_2fname/model/link").symlink_to("/etc/passwd")
    subprocess.run(["zip", "-qry", tmp_path / "a.zip", "."], cwd=folder, check=True)
    refused(tmp_path / "a.zip", root, UnsafeArchive, "a symbolic link")


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a device"),
        (tarfile.BLKTYPE, "a device"),
        (tarfile.FIFOTYPE, "a device"),
    ],
)
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_entry_that_is_no_file(kind: bytes, why: str, mode: str, root: Path, tmp_path: Path) -> None:
    info = tarfile.TarInfo("org_2fname/model/x")
    info.type, info.linkname = kind, "org_2fname/model/config.json"
    refused(tar_of(tmp_path / "a.tar", info, mode=mode), root, UnsafeArchive, why)


def test_a_sparse_tar(root: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", entries())
    with (folder / "org_2fname/model/holes.bin").open("wb") as file:
        file.truncate(50 << 20)
    for format_ in ("gnu", "posix"):
        path = tmp_path / f"{format_}.tar"
        subprocess.run(["tar", "--sparse", f"--format={format_}", "-cf", path, "-C", folder, "."], check=True)
        refused(path, root, UnsafeArchive, "sparse")


def test_an_encrypted_zip(root: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", entries())
    subprocess.run(["zip", "-qrP", "secret", tmp_path / "old.zip", "."], cwd=folder, check=True)
    refused(tmp_path / "old.zip", root, UnsafeArchive, "encrypted")
    command = ["7z", "a", "-tzip", "-psecret", "-mem=AES256", str(tmp_path / "aes.zip"), "."]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    refused(tmp_path / "aes.zip", root, UnsafeArchive, "encrypted")


@pytest.mark.parametrize("method", ["Deflate64", "BZip2", "LZMA", "PPMd"])
def test_a_zip_packed_in_a_way_that_is_not_read(method: str, root: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", entries())
    command = ["7z", "a", "-tzip", f"-mm={method}", str(tmp_path / "a.zip"), "."]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    assert "folder" in refused(tmp_path / "a.zip", root, UnknownArchive, "method").hint


# ---- archives that contradict themselves


def test_a_truncated_file(root: Path, tmp_path: Path) -> None:
    makers = {
        "a.zip": dss_zip(tmp_path / "a.zip"),
        "a.tar": real_tar(tmp_path / "a.tar", entries()),
        "a.tgz": real_tar(tmp_path / "a.tgz", entries(), "-z"),
        "a.tzst": real_tar(tmp_path / "a.tzst", entries(), "--zstd"),
    }
    for path in makers.values():
        whole = path.read_bytes()
        for size in (len(whole) - 30, len(whole) // 2, 600):
            if path.suffix == ".tar":
                size -= 10240  # what tar adds at the end
            path.write_bytes(whole[: max(size, 600)])
            error = refused(path, root, DamagedArchive, path.name)
            assert error.hint


def test_a_tar_that_was_cut_between_two_files(root: Path, tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar")
    with tarfile.open(path) as archive:
        last = archive.getmembers()[-1]
    path.write_bytes(path.read_bytes()[: last.offset])
    refused(path, root, DamagedArchive, "no end")


def test_a_volume_that_is_missing(root: Path, tmp_path: Path) -> None:
    first = split(dss_zip(tmp_path / "a.zip"), 100_000)
    first.with_name("a.zip.002").unlink()
    refused(first, root, DamagedArchive, "a.zip.002")
    split(dss_zip(tmp_path / "b.zip"), 100_000)
    max(tmp_path.glob("b.zip.*")).unlink()
    refused(tmp_path / "b.zip.001", root, DamagedArchive, "b.zip.001")


def test_a_byte_that_changed(root: Path, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip")
    data = bytearray(path.read_bytes())
    data[data.index(WEIGHTS) + 1000] ^= 1
    path.write_bytes(data)
    refused(path, root, DamagedArchive, "CRC", when="reading")


def test_a_deflated_byte_that_changed(root: Path, tmp_path: Path) -> None:
    path = explorer_zip(tmp_path / "a.zip", entries())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("org_2fname/model/model.safetensors")
    data = bytearray(path.read_bytes())
    data[info.header_offset + info.compress_size] ^= 0xFF
    path.write_bytes(data)
    refused(path, root, DamagedArchive, "a.zip", when="reading")


def test_more_or_fewer_bytes_than_it_says(root: Path, tmp_path: Path) -> None:
    large = {"model.safetensors": WEIGHTS, ".gitattributes": LFS_ATTRIBUTES}
    for difference, why in ((-1, "more"), (1, "instead of")):
        path = explorer_zip(tmp_path / "a.zip", entries(large))
        size = struct.pack("<L", len(WEIGHTS))
        renamed(path, size, struct.pack("<L", len(WEIGHTS) + difference))
        refused(path, root, DamagedArchive, why, when="reading")


def test_bytes_hidden_behind_a_deflated_content(root: Path, tmp_path: Path) -> None:
    packed = zlib.compress(WEIGHTS, wbits=-15) + b"hidden"
    path = zip_with(tmp_path / "a.zip", ("org_2fname/model/x.bin", packed))
    told = struct.pack("<LLL", zlib.crc32(packed), len(packed), len(packed))
    renamed(path, told, struct.pack("<LLL", zlib.crc32(WEIGHTS), len(packed), len(WEIGHTS)))
    data = bytearray(path.read_bytes())
    name = b"org_2fname/model/x.bin"
    data[data.index(name) - 22] = data[data.rindex(name) - 36] = zipfile.ZIP_DEFLATED
    path.write_bytes(data)
    refused(path, root, DamagedArchive, "more in the archive", when="planning")


def test_a_deflate_bomb_stops_at_what_it_says(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    bomb = bytes(200 << 20)
    explorer_zip(path, entries({"model.safetensors": bomb, ".gitattributes": LFS_ATTRIBUTES}))
    renamed(path, struct.pack("<L", len(bomb)), struct.pack("<L", 1 << 20))
    refused(path, root, DamagedArchive, "more than the 1,048,576 bytes", when="reading")


def test_a_tar_bomb_is_not_read_to_its_end(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.tgz"
    info = tarfile.TarInfo("model/model.safetensors")
    info.size = 1 << 50
    with gzip.open(path, "wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(50 << 20))
    refused(path, root, UnsafeArchive, "cannot fit")


def test_more_after_the_end_of_a_compressed_tar(root: Path, tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar")
    packed = tmp_path / "a.tgz"
    packed.write_bytes(gzip.compress(path.read_bytes() + b"hidden" * 1000))
    refused(packed, root, DamagedArchive, "after its end")
    packed.write_bytes(gzip.compress(path.read_bytes() + bytes(20 << 20)))
    refused(packed, root, DamagedArchive, "after its end")


def test_a_wrong_checksum_of_the_compression(root: Path, tmp_path: Path) -> None:
    path = real_tar(tmp_path / "a.tgz", entries(), "-z")
    data = bytearray(path.read_bytes())
    data[-6] ^= 1
    path.write_bytes(data)
    refused(path, root, DamagedArchive, "CRC")


def local_header(path: Path, name: str) -> int:
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(name).header_offset


@pytest.mark.parametrize(
    ("offset", "value", "why"),
    [
        (0, b"XX", "differs"),
        (8, b"\x08", "differs"),
        (14, b"\xff", "CRC"),
        (22, b"\xff", "size"),
        (30, b"X", "differs"),
        (6, b"\x01", "differs"),
    ],
)
def test_a_local_header_that_says_otherwise(
    offset: int, value: bytes, why: str, root: Path, tmp_path: Path
) -> None:
    path = zip_with(tmp_path / "a.zip")
    at = local_header(path, "org_2fname/model/config.json") + offset
    data = path.read_bytes()
    path.write_bytes(data[:at] + value + data[at + len(value) :])
    refused(path, root, DamagedArchive, why)


def test_entries_that_lie_over_each_other(root: Path, tmp_path: Path) -> None:
    """The directory leads twice to the same content: how a small file becomes a large one."""
    path = tmp_path / "a.zip"
    twin = "org_2fname/model/config.jso2"
    raw_zip(path, *entries().items(), (twin, FILES["config.json"]))
    first, second = local_header(path, "org_2fname/model/config.json"), local_header(path, twin)
    data = bytearray(path.read_bytes())
    place = data.rindex(twin.encode()) - 4
    assert data[place : place + 4] == struct.pack("<L", second)
    data[place : place + 4] = struct.pack("<L", first)
    path.write_bytes(data)
    refused(path, root, UnsafeArchive, "lies over")


def test_a_directory_that_is_absurdly_large(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    size = 20 << 20
    with path.open("wb") as file:
        file.write(b"PK\3\4")
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0))
    refused(path, root, DamagedArchive, "too large")


def test_a_tar_whose_sizes_lead_backwards(root: Path, tmp_path: Path) -> None:
    for mode in ("w", "w:gz"):
        info = tarfile.TarInfo("org_2fname/model/x")
        path = tar_of(tmp_path / "a.tar", info)
        data = bytearray(path.read_bytes())
        at = data.index(b"org_2fname/model/x\0")
        data[at + 124 : at + 136] = b"\xff" * 11 + b"\x00"  # a negative number
        data[at + 148 : at + 156] = b" " * 8
        data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
        path.write_bytes(gzip.compress(bytes(data)) if mode == "w:gz" else data)
        refused(path, root, DamagedArchive, "a.tar")


# ---- checksums


def test_a_sha256_that_differs(root: Path, tmp_path: Path) -> None:
    content = entries(sums=True)
    for name, when in (("config.json", "planning"), ("model.safetensors", "reading")):
        data = bytearray(content[f"org_2fname/model/{name}"])
        data[-1] ^= 1
        changed = content | {f"org_2fname/model/{name}": bytes(data)}
        error = refused(dss_zip(tmp_path / "a.zip", changed), root, DamagedArchive, name, when=when)
        assert "SHA-256" in str(error)


def test_metadata_that_was_changed(root: Path, tmp_path: Path) -> None:
    content = entries(sums=True) | {"org_2fname/model_metadata.json": metadata("hf@evil/name")}
    refused(dss_zip(tmp_path / "a.zip", content), root, DamagedArchive, "model_metadata.json")


def test_a_file_that_the_checksums_do_not_know(root: Path, tmp_path: Path) -> None:
    content = entries(sums=True)
    refused(
        dss_zip(tmp_path / "a.zip", content | {"org_2fname/model/evil.py": b"x"}),
        root,
        DamagedArchive,
        "evil.py",
    )
    del content["org_2fname/model/config.json"]
    refused(dss_zip(tmp_path / "b.zip", content), root, DamagedArchive, "model/config.json is missing")


# ---- metadata


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json",
        b"[]",
        b'"text"',
        b"[" * 100_000,
        b'{"version": 0}',
        json.dumps({"modelDefinition": {"key": "x"}, "pad": "x" * (1 << 20)}).encode(),
        metadata("hf@../../etc"),
        metadata("hf@org/name/more"),
        metadata("hf@org/na me"),
        metadata("hf@"),
        metadata("hf@org/name@../main"),
        metadata(version=1),
        metadata(commit="../../../../etc"),
    ],
)
def test_metadata_that_cannot_be_used(content: bytes, root: Path, tmp_path: Path) -> None:
    changed = entries() | {"org_2fname/model_metadata.json": content}
    refused(dss_zip(tmp_path / "a.zip", changed), root, DamagedArchive, "model_metadata.json")


def test_metadata_that_names_two_commits(root: Path, tmp_path: Path) -> None:
    content = entries(key=f"hf@org/name@{'b' * 40}", commit=COMMIT)
    refused(dss_zip(tmp_path / "a.zip", content), root, DamagedArchive, "two different commits")


def test_metadata_without_a_model(root: Path, tmp_path: Path) -> None:
    refused(
        dss_zip(tmp_path / "a.zip", {"x/model_metadata.json": metadata()}), root, DamagedArchive, "no files"
    )


# ---- what is no archive of a model


def test_something_else(root: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    refused(tmp_path / "notes.txt", root, UnknownArchive, "notes.txt")
    refused(tmp_path / "nothing.zip", root, UnknownArchive, "nothing.zip")
    refused(info_zip(tmp_path / "photos.zip", {"1.jpg": b"", "2.jpg": b""}), root, UnknownArchive, "no model")


def test_a_folder_of_archives(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    dss_zip(folder / "a.zip")
    assert "Choose" in refused(folder, root, UnknownArchive, "folder of archives").hint


def test_a_clone_without_its_weights(root: Path, tmp_path: Path) -> None:
    clone, _ = git_clone(tmp_path / "git", pulled=False)
    for path in (clone, info_zip(tmp_path / "a.zip", folder_of(clone))):
        assert "git lfs pull" in refused(path, root, DamagedArchive, "pointer").hint


def folder_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_source_that_changes_after_the_plan(root: Path, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip")
    plan = plan_import([path], root)
    dss_zip(path, entries({"config.json": b"{}", "model.safetensors": b"other"}))
    [done] = execute_import(plan).items
    assert isinstance(done.error, DamagedArchive)
    assert "changed" in str(done.error)
    assert not (root / "models--org--name").exists()


def test_one_bad_archive_keeps_no_good_one_out(root: Path, tmp_path: Path) -> None:
    bad = zip_with(tmp_path / "bad.zip", ("../x", b""))
    good = dss_zip(tmp_path / "good.zip")
    result = execute_import(plan_import([bad, good], root))
    assert [item.error is None for item in result.items] == [False, True]
    assert len(result.failures) == 1
    assert (root / "models--org--name/refs/main").read_text() == COMMIT


def test_a_name_for_several_models_is_refused(root: Path, tmp_path: Path) -> None:
    path = dss_zip(tmp_path / "a.zip", entries(key=None))
    with pytest.raises(ModelKeepError, match="one model only"):
        plan_import([path, dss_zip(tmp_path / "b.zip", entries(key=None))], root, name=ModelKey("org/new"))


def test_errors_survive_the_way_to_another_process(root: Path, tmp_path: Path) -> None:
    plan = plan_import([zip_with(tmp_path / "a.zip", ("../x", b""))], root)
    again = pickle.loads(pickle.dumps(plan))
    assert again.items[0].problem == plan.items[0].problem
    assert again.items[0].hint
    assert isinstance(again.items[0].error, ArchiveError)
