"""Whatever a model is packed with, a container shows the same files, and reads them, and nothing but them."""

from __future__ import annotations

import gzip
import os
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.archive.container import Container, Member, open_container
from modelkeep.archive.found import find_models
from modelkeep.archive.import_plan import plan_import
from modelkeep.archive.names import is_junk
from modelkeep.archive.unpack import execute_import
from modelkeep.errors import DamagedArchive, ModelKeepError, UnknownArchive, UnsafeArchive
from support.archives import (
    FILES,
    WEIGHTS,
    dss_zip,
    entries,
    explorer_zip,
    finder_zip,
    info_zip,
    raw_zip,
    real_tar,
    seven_zip,
    split,
    tree_of,
    write_folder,
)

Maker = Callable[[Path, dict[str, bytes]], Path]

MAKERS: dict[str, Maker] = {
    "DSS": dss_zip,
    "Windows Explorer": explorer_zip,
    "macOS Finder": finder_zip,
    "zip -r": info_zip,
    "7-Zip": seven_zip,
    "split": lambda path, content: split(dss_zip(path, content), 100_000),
    "tar": real_tar,
    "tar.gz": lambda path, content: real_tar(path, content, "-z"),
    "tar.zst": lambda path, content: real_tar(path, content, "--zstd"),
    "old tar": lambda path, content: real_tar(path, content, "--format=v7"),
    "posix tar": lambda path, content: real_tar(path, content, "--format=posix"),
    "folder": write_folder,
}


def contents(container: Container) -> dict[str, bytes]:
    return {
        member.name: b"".join(map(bytes, container.chunks(member)))
        for member in container.members
        if not is_junk(member.name)
    }


@pytest.fixture(params=MAKERS)
def maker(request: pytest.FixtureRequest) -> Maker:
    return MAKERS[request.param]


def test_every_program_s_archive_has_the_same_files(maker: Maker, tmp_path: Path) -> None:
    content = entries(FILES | {"empty": b""})
    with open_container(maker(tmp_path / "archive.zip", content)) as container:
        assert contents(container) == content
        assert {m.name: m.size for m in container.members if m.name in content} == {
            name: len(data) for name, data in content.items()
        }


def test_names_in_any_script_come_through(maker: Maker, tmp_path: Path) -> None:
    if maker is MAKERS["old tar"]:
        names = ["ü.json"]
    else:
        names = ["配置.json", "ü.json", "a b.json", "x" * 250 + ".json", "мод/ель.json"]
    content = {f"model/{name}": name.encode() for name in names}
    with open_container(maker(tmp_path / "archive.zip", content)) as container:
        found = set(contents(container).values())
        assert found == {name.encode() for name in names}


def test_the_name_of_an_archive_says_nothing(tmp_path: Path) -> None:
    dss_zip(tmp_path / "model.tar.gz")
    with open_container(tmp_path / "model.tar.gz") as container:
        assert contents(container) == entries()


def test_any_volume_opens_the_whole(tmp_path: Path) -> None:
    first = split(dss_zip(tmp_path / "a.zip"), 100_000)
    for path in (first, first.with_name("a.zip.003"), first.with_name("a.zip")):
        with open_container(path) as container:
            assert contents(container) == entries()


def test_several_threads_read_at_once(tmp_path: Path) -> None:
    content = {f"{number}.bin": os.urandom(400_000) for number in range(8)}
    for made in (dss_zip(tmp_path / "a.zip", content), real_tar(tmp_path / "a.tar", content)):
        with open_container(made) as container, ThreadPoolExecutor(8) as pool:
            read = pool.map(lambda member: container.read(member, 1 << 20), container.members)
            assert dict(zip((m.name for m in container.members), read, strict=True)) == content


def test_a_compressed_tar_reads_in_any_order(tmp_path: Path) -> None:
    made = real_tar(tmp_path / "a.tar.gz", {f"{n}.bin": os.urandom(200_000) for n in range(3)}, "-z")
    with open_container(made) as container:
        forward = [container.read(member, 1 << 20) for member in container.members]
        back = [container.read(member, 1 << 20) for member in reversed(container.members)]
        assert forward == back[::-1]
    with open_container(made, members=container.members) as again:
        assert [again.read(member, 1 << 20) for member in again.members] == forward
        assert not again.digests


def test_opening_a_compressed_tar_reports_and_can_be_stopped(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    seen: list[str] = []

    def report(progress: object) -> None:
        seen.append(str(progress))
        if len(seen) == 3:
            raise Stop

    with pytest.raises(Stop):
        open_container(real_tar(tmp_path / "a.tar.gz", entries(), "-z"), report=report)


def test_a_zip64_entry_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with (
        zipfile.ZipFile(path, "w") as archive,
        archive.open("model/model.bin", "w", force_zip64=True) as file,
    ):
        file.write(WEIGHTS)
    with open_container(path) as container:
        assert container.members == (Member("model/model.bin", len(WEIGHTS)),)
        assert contents(container) == {"model/model.bin": WEIGHTS}


def test_a_small_file_may_not_be_large(tmp_path: Path) -> None:
    with open_container(dss_zip(tmp_path / "a.zip")) as container:
        member = max(container.members, key=lambda member: member.size)
        with pytest.raises(DamagedArchive, match="the most"):
            container.read(member, 1000)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", DamagedArchive),
        (b"hello", UnknownArchive),
        (bytes(2000), UnknownArchive),
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), UnknownArchive),
        (b"Rar!\x1a\x07" + bytes(100), UnknownArchive),
        (b"PK\3\4" + bytes(100), DamagedArchive),
        (gzip.compress(b"no tar", mtime=0), DamagedArchive),
        (gzip.compress(b"", mtime=0), DamagedArchive),
        (b"\x28\xb5\x2f\xfd" + bytes(100), DamagedArchive),
    ],
)
def test_what_is_no_archive_is_told_from_what_is_broken(
    content: bytes, error: type[Exception], tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(error):
        open_container(path)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path / "nothing"):
        with pytest.raises(UnknownArchive):
            open_container(path)


# ---- folders


def test_links_inside_a_folder_are_followed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"a/config.json": b"{}"})
    (folder / "link.json").symlink_to("a/config.json")
    with open_container(folder) as container:
        assert contents(container) == {"a/config.json": b"{}", "link.json": b"{}"}


@pytest.mark.parametrize("target", ["/etc/hostname", "../secret", "a", "nowhere"])
def test_other_links_in_a_folder_are_refused(target: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"a/config.json": b"{}"})
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(target)
    with pytest.raises(ModelKeepError, match=r"link|nothing"):
        open_container(folder)


def test_a_folder_with_a_pipe_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"config.json": b"{}"})
    os.mkfifo(folder / "pipe")
    with pytest.raises(UnsafeArchive, match="device"):
        open_container(folder)


def test_a_file_that_grows_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", {"model.bin": WEIGHTS})
    with open_container(folder) as container:
        with (folder / "model.bin").open("ab") as file:
            file.write(b"more")
        with pytest.raises(DamagedArchive, match="changed"):
            list(container.chunks(container.members[0]))


# ---- where the models are


def test_models_are_found_wherever_they_are(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, bytes], list[str]]] = [
        (entries(folder="any name"), ["any name/model"]),
        (entries(folder=""), ["model"]),
        (entries(folder="deep/in/folders"), ["deep/in/folders/model"]),
        (entries(folder="a") | entries(folder="b"), ["a/model", "b/model"]),
        (entries(FILES | {"model_metadata.json": b"{}", "model/x": b""}, folder=""), ["model"]),
        (FILES, [""]),
        ({f"top/{name}": data for name, data in FILES.items()}, ["top"]),
        ({f"top/model/{name}": data for name, data in FILES.items()}, ["top/model"]),
        ({"weights/model.bin": b"", "text/readme": b""}, []),
        ({"photos/1.jpg": b"", "notes.txt": b""}, []),
    ]
    for number, (content, places) in enumerate(cases):
        with open_container(write_folder(tmp_path / str(number), content)) as container:
            assert [model.content for model in find_models(container)] == places


# ---- anything at all

archives = st.sampled_from(["zip", "deflated", "tar"])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=archives, data=st.data())
def test_a_mutated_archive_never_publishes_anything_wrong(
    kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("mutated")
    small = entries({"config.json": b'{"a": 1}', "b/model.bin": b"weights" * 30}, sums=True)
    path = place / "archive"
    if kind == "tar":
        real_tar(path, small)
    else:
        raw_zip(path, *small.items())
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["set", "cut", "insert", "repeat"])):
            case "set":
                content[at] = data.draw(st.integers(0, 255))
            case "cut":
                del content[at : at + data.draw(st.integers(1, 400))]
            case "insert":
                content[at:at] = data.draw(st.binary(min_size=1, max_size=8))
            case _:
                content[at:at] = content[at : at + data.draw(st.integers(1, 400))]
        content = content or bytearray(b"\0")
    path.write_bytes(content)
    root = place / "hub"
    result = execute_import(plan_import([path], root))
    for item in result.items:
        if item.error is None:
            snapshot = Path(item.path)
            assert {
                name: snapshot.joinpath(name).read_bytes() for name in ("config.json", "b/model.bin")
            } == {
                "config.json": b'{"a": 1}',
                "b/model.bin": b"weights" * 30,
            }
        else:
            assert not root.exists() or not any("snapshots" in name for name in tree_of(root))
