from __future__ import annotations

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelkeep.archive.contents import CHUNK, Checksums, Known
from modelkeep.archive.manifest import ModelMetadata, metadata_for
from modelkeep.archive.pack import (
    Archive,
    ArchiveOptions,
    ExportResult,
    execute_export,
    plan_export,
)
from modelkeep.archive.parallel import Count, run_tasks
from modelkeep.archive.stored_zip import directory, lay_out, local_header
from modelkeep.archive.volumes import VolumeReader
from modelkeep.cache.scan import scan
from modelkeep.errors import ArchiveError
from modelkeep.keys import ModelKey
from modelkeep.progress import Cancelled, Progress, Report, ignore
from support.caches import CacheMaker, etag, sha256
from support.exports import packables

ROOT = "sentence-transformers_2fall-MiniLM-L6-v2"
PROVEN = ArchiveOptions()
WEIGHTS = random.Random(1).randbytes(3_000_001)
MINILM = {
    "model.safetensors": WEIGHTS,
    "config.json": b'{"model_type": "bert"}',
    "1_Pooling/config.json": b"{}",
    "Zo\u00eb.txt": b"a name beyond ASCII",
    "empty.txt": b"",
}


@pytest.fixture
def minilm(cache: CacheMaker) -> CacheMaker:
    cache.add("sentence-transformers/all-MiniLM-L6-v2", MINILM)
    return cache


def export(
    root: Path,
    target: Path,
    *,
    options: ArchiveOptions = PROVEN,
    report: Report = ignore,
) -> ExportResult:
    plan = plan_export(packables(root), target, options=options)
    result = execute_export(plan, report=report)
    for item in result.items:
        if item.archive:
            sizes = [path.stat().st_size for path in item.archive.paths]
            assert sum(sizes) == item.item.size == item.archive.size, "a plan is exact to the byte"
    return result


def export_one(root: Path, target: Path, *, options: ArchiveOptions = PROVEN) -> Archive:
    result = export(root, target, options=options)
    assert not result.failures
    (archive,) = result.archives
    return archive


def only_blob(cache: CacheMaker, name: str, content: bytes) -> Path:
    (path,) = cache.root.glob(f"*/blobs/{etag(name, content)}")
    return path


class TestAnArchive:
    def test_has_what_dss_expects_with_the_metadata_first(self, minilm: CacheMaker, tmp_path: Path) -> None:
        archive = export_one(minilm.root, tmp_path / "out")
        assert archive.paths == (tmp_path / "out" / f"{ROOT}.zip",)
        assert (archive.files, archive.proven, archive.cloned) == (5, 5, 0)
        with zipfile.ZipFile(archive.paths[0]) as opened:
            assert opened.testzip() is None
            assert opened.namelist() == [
                f"{ROOT}/model_metadata.json",
                f"{ROOT}/SHA256SUMS",
                *(f"{ROOT}/model/{name}" for name in sorted(MINILM)),
            ]
            assert {name: opened.read(f"{ROOT}/model/{name}") for name in MINILM} == MINILM
            said = ModelMetadata.parse(opened.read(f"{ROOT}/model_metadata.json"))
            assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
            assert {info.external_attr >> 16 for info in opened.infolist()} == {0o100644}
        assert said.key == ModelKey("sentence-transformers/all-MiniLM-L6-v2")
        assert said.url == "https://huggingface.co/sentence-transformers%2Fall-MiniLM-L6-v2/tree/main"
        assert said.size == sum(map(len, MINILM.values()))
        assert said.commit == archive.commit

    def test_is_accepted_by_the_tools_people_have(self, minilm: CacheMaker, tmp_path: Path) -> None:
        (path,) = export_one(minilm.root, tmp_path / "out").paths
        for command in (["unzip", "-tq"], ["7z", "t", "-bso0"], ["zip", "-qT"]):
            if shutil.which(command[0]):
                done = subprocess.run([*command, path], capture_output=True, text=True, check=True)
                assert "warning" not in (done.stdout + done.stderr).lower()
        subprocess.run(["unzip", "-q", path, "-d", tmp_path / "there"], check=True)
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
            cwd=tmp_path / "there" / ROOT,
            check=True,
        )

    def test_of_the_same_model_has_the_same_bytes(self, minilm: CacheMaker, tmp_path: Path) -> None:
        one, other = (export_one(minilm.root, tmp_path / name).paths[0] for name in ("one", "other"))
        assert one.read_bytes() == other.read_bytes()

    def test_without_checksums_is_as_dss_writes_it(self, minilm: CacheMaker, tmp_path: Path) -> None:
        archive = export_one(minilm.root, tmp_path / "out", options=ArchiveOptions(checksums=False))
        with zipfile.ZipFile(archive.paths[0]) as opened:
            assert f"{ROOT}/SHA256SUMS" not in opened.namelist()
            assert opened.testzip() is None

    def test_has_large_files_on_block_borders_and_nothing_hidden_before_them(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        data = export_one(minilm.root, tmp_path / "out").paths[0].read_bytes()
        assert data.index(WEIGHTS) % 4096 == 0
        with zipfile.ZipFile(tmp_path / "out" / f"{ROOT}.zip") as opened:
            info = opened.getinfo(f"{ROOT}/model/model.safetensors")
        padding = data[info.header_offset + 30 + len(info.filename) : data.index(WEIGHTS)]
        assert padding[:2] == b"\x35\xd9"
        assert padding[4:6] == b"\x00\x10"
        assert not any(padding[6:])

    def test_that_is_split_is_the_same_in_consecutive_pieces(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        (whole,) = export_one(minilm.root, tmp_path / "whole").paths
        split = export_one(minilm.root, tmp_path / "split", options=ArchiveOptions(split=700_000))
        assert len(split.paths) == 5
        assert max(path.stat().st_size for path in split.paths) <= 700_000
        assert b"".join(path.read_bytes() for path in split.paths) == whole.read_bytes()
        with VolumeReader(split.paths) as reader, zipfile.ZipFile(reader.as_file()) as opened:
            assert opened.testzip() is None

    def test_can_be_one_named_file(self, minilm: CacheMaker, tmp_path: Path) -> None:
        assert export_one(minilm.root, tmp_path / "MiniLM.zip").paths == (tmp_path / "MiniLM.zip",)
        minilm.add("org/other")
        with pytest.raises(ArchiveError, match="2 models"):
            plan_export(packables(minilm.root), tmp_path / "both.zip")

    def test_takes_payloads_from_the_shared_store(self, minilm: CacheMaker, tmp_path: Path) -> None:
        minilm.share("sentence-transformers/all-MiniLM-L6-v2", WEIGHTS)
        archive = export_one(minilm.root, tmp_path / "out")
        assert archive.proven == 5
        with zipfile.ZipFile(archive.paths[0]) as opened:
            assert opened.read(f"{ROOT}/model/model.safetensors") == WEIGHTS

    def test_writes_back_what_an_archive_before_it_said(self, minilm: CacheMaker) -> None:
        (model,) = scan(minilm.root).models
        (revision,) = model.revisions
        before = ModelMetadata.parse(
            json.dumps(
                {
                    "modelDefinition": {"key": "hf@a/b", "kind": "LLM"},
                    "url": "https://hub.site/a",
                    "lastModified": "2022-11-07T08:44:33.000Z",
                    "tags": ["old"],
                    "extra": 1,
                }
            ).encode()
        )
        metadata = metadata_for(model.key, revision, imported=before, tags=["new"], last_used=12.3456)
        assert (metadata.url, metadata.last_modified) == ("https://hub.site/a", "2022-11-07T08:44:33.000Z")
        assert (metadata.tags, metadata.last_used) == (("new",), 12346)
        assert metadata.unknown == {"extra": 1, "modelDefinition": {"kind": "LLM"}}
        assert metadata.downloaded_at == round(revision.modified * 1000)

    names = st.text(st.sampled_from("ab\u00e9/"), min_size=1, max_size=12).map(lambda t: f"f{t.strip('/')}x")

    @settings(max_examples=25, deadline=None)
    @given(
        files=st.dictionaries(names, st.binary(max_size=300), min_size=1),
        large=st.integers(1 << 20, (1 << 20) + 9000),
        split=st.none() | st.integers(5000, 2 << 20),
        checksums=st.booleans(),
    )
    def test_is_as_large_as_its_plan_says_whatever_is_in_it(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        files: dict[str, bytes],
        large: int,
        split: int | None,
        checksums: bool,
    ) -> None:
        folder = tmp_path_factory.mktemp("made")
        folded = {name.replace("//", "/"): content for name, content in files.items()}
        flat = {name.replace("/", "-"): content for name, content in folded.items()}
        CacheMaker(folder / "hub").add("a/b", {**flat, "sub/large.bin": bytes(large)})
        archive = export_one(folder / "hub", folder, options=ArchiveOptions(checksums, split))
        with VolumeReader(archive.paths) as reader, zipfile.ZipFile(reader.as_file()) as opened:
            assert opened.testzip() is None
            assert len(opened.namelist()) == len(flat) + (3 if checksums else 2)


class TestTheFormOfLargeArchives:
    """Their headers alone, in files with holes: gigabytes need not be written to see that they can be found."""

    @staticmethod
    def write(path: Path, files: dict[str, int]) -> None:
        layout = lay_out(files.items())
        with path.open("wb") as file:
            for entry in layout.entries:
                file.seek(entry.header_at)
                assert file.write(local_header(entry, 0)) == entry.content_at - entry.header_at
            file.seek(layout.directory_at)
            file.write(directory(layout, [0] * len(layout.entries)))
            assert file.tell() == layout.size

    def test_sizes_and_places_beyond_4_gib_are_found(self, tmp_path: Path) -> None:
        files = {"r/small": 1, "r/below": (4 << 30) - 2, "r/huge": 20 << 30, "r/last": 0}
        path = tmp_path / "large.zip"
        self.write(path, files)
        with zipfile.ZipFile(path) as opened:
            assert {info.filename: info.file_size for info in opened.infolist()} == files
        listed = subprocess.run(["unzip", "-l", path], capture_output=True, text=True, check=True).stdout
        assert str(20 << 30) in listed
        subprocess.run(["unzip", "-tq", path, "r/last"], capture_output=True, check=True)

    def test_a_file_of_just_the_size_that_means_zip64_is_found(self, tmp_path: Path) -> None:
        # Not by `unzip` 6.00, which takes the size that is written in the extra field for another mark.
        path = tmp_path / "edge.zip"
        self.write(path, {"r/edge": (4 << 30) - 1, "r/last": 0})
        with zipfile.ZipFile(path) as opened:
            assert opened.getinfo("r/edge").file_size == (4 << 30) - 1
            assert opened.read("r/last") == b""

    def test_content_begins_on_a_block_border_after_a_name_of_any_length(self) -> None:
        for length in range(1, 4200):
            (entry,) = lay_out([("n" * length, 1 << 20)]).entries
            header = local_header(entry, 0)
            assert len(header) == entry.content_at
            assert entry.content_at % 4096 == 0
            extra = header[30 + length :]
            assert not extra or int.from_bytes(extra[2:4], "little") == len(extra) - 4 >= 2

    def test_more_than_65535_files_are_found(self, tmp_path: Path) -> None:
        path = tmp_path / "many.zip"
        self.write(path, {f"r/{number}": 0 for number in range(65_536)})
        subprocess.run(["unzip", "-tq", path], capture_output=True, check=True)
        with zipfile.ZipFile(path) as opened:
            assert len(opened.namelist()) == 65_536


class TestAPlan:
    def test_changes_nothing_and_says_what_it_replaces(self, minilm: CacheMaker, tmp_path: Path) -> None:
        first = plan_export(packables(minilm.root), tmp_path / "out")
        assert not (tmp_path / "out").exists()
        assert first.items[0].replaces == ()
        assert first.fits
        (path,) = export_one(minilm.root, tmp_path / "out").paths
        again = plan_export(packables(minilm.root), tmp_path / "out")
        assert again.items[0].replaces == (path,)
        assert again.needs == again.total == path.stat().st_size

    def test_names_the_files_that_make_a_revision_unfit(self, minilm: CacheMaker, tmp_path: Path) -> None:
        only_blob(minilm, "config.json", MINILM["config.json"]).unlink()
        (item,) = plan_export(packables(minilm.root), tmp_path).items
        assert "damaged" in item.refusal
        assert "config.json" in item.refusal
        assert item.hint

    def test_lets_an_incomplete_revision_go_only_when_told(self, cache: CacheMaker, tmp_path: Path) -> None:
        commit = cache.add("org/name", {"config.json": b"{}"})
        cache.write_tree("org/name", commit, {"config.json": b"{}", "model.safetensors": b"w"})
        found = packables(cache.root)
        (item,) = plan_export(found, tmp_path).items
        assert "lacks model.safetensors" in item.refusal
        plan = plan_export(found, tmp_path, allow_incomplete=True)
        assert plan.items[0].missing == ("model.safetensors",)
        assert not execute_export(plan).failures

    def test_refuses_names_that_no_archive_may_have(self, cache: CacheMaker, tmp_path: Path) -> None:
        cache.add("org/case", {"README.md": b"1", "readme.md": b"2"})
        cache.add("org/device", {"aux.json": b"1"})
        cache.add("org/good")
        result = export(cache.root, tmp_path / "out")
        assert [item.item.key.repo_id for item in result.items if item.error] == ["org/case", "org/device"]
        assert os.listdir(tmp_path / "out") == ["org_2fgood.zip"]

    def test_gives_every_model_a_file_of_its_own(self, cache: CacheMaker, tmp_path: Path) -> None:
        for repo_id in ("org/name", "Org/Name", "org_2fname"):
            cache.add(repo_id)
        cache.add("org/name", {"config.json": b"old"}, refs=(), commit="0" * 40)
        for found in (packables(cache.root), packables(cache.root)[::-1]):
            names = [path.name for item in plan_export(found, tmp_path).items for path in item.paths]
            assert len({name.lower() for name in names}) == 4
        assert f"org_2fname_40{'0' * 40}.zip" in names

    def test_refuses_more_volumes_than_anybody_could_carry(self, minilm: CacheMaker, tmp_path: Path) -> None:
        (item,) = plan_export(packables(minilm.root), tmp_path, options=ArchiveOptions(split=10)).items
        assert "volumes" in item.refusal


class TestAnExportThatCannotBe:
    """Says why in a sentence, and leaves nothing behind."""

    @staticmethod
    def fails(
        root: Path, target: Path, change: Callable[[], object], *, known: Checksums | None = None
    ) -> str:
        plan = plan_export(packables(root), target)
        change()
        result = execute_export(plan, known=lambda _: known)
        assert not target.exists()
        (error,) = result.failures
        return error

    @pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
    def test_damage_is_never_passed_on(self, minilm: CacheMaker, tmp_path: Path, name: str) -> None:
        content = MINILM[name]
        blob = only_blob(minilm, name, content)
        error = self.fails(minilm.root, tmp_path / "out", lambda: blob.write_bytes(content[:-1] + b"!"))
        assert f"{name} is damaged in the cache" in error

    def test_damage_of_a_copied_file_is_seen_by_its_tree_listing(
        self, cache: CacheMaker, tmp_path: Path
    ) -> None:
        commit = cache.add("org/name", MINILM, linked=False)
        copied = cache.folder("org/name") / "snapshots" / commit / "model.safetensors"
        assert export_one(cache.root, tmp_path / "good").proven == 5
        error = self.fails(cache.root, tmp_path / "out", lambda: copied.write_bytes(WEIGHTS[:-1] + b"!"))
        assert "damaged" in error

    def test_damage_of_a_file_without_a_checksum_is_seen_when_one_is_remembered(
        self, cache: CacheMaker, tmp_path: Path
    ) -> None:
        cache.add("org/name", {"config.json": b"now"}, linked=False, tree=False)
        archive = export_one(cache.root, tmp_path / "good")
        assert archive.proven == 0
        ((_, right),) = archive.checksums
        assert right.sha256 == sha256(b"now")
        wrong = Checksums(right.crc32, sha256(b"before"))
        assert "damaged" in self.fails(cache.root, tmp_path / "out", lambda: None, known=wrong)

    def test_a_file_of_another_size_has_changed(self, minilm: CacheMaker, tmp_path: Path) -> None:
        blob = only_blob(minilm, "model.safetensors", WEIGHTS)
        for content in (WEIGHTS[:-1], WEIGHTS + b"+"):
            blob.write_bytes(WEIGHTS)
            error = self.fails(minilm.root, tmp_path / "out", lambda: blob.write_bytes(content))  # noqa: B023
            assert "model.safetensors changed" in error

    def test_a_file_that_went_away_is_named(self, minilm: CacheMaker, tmp_path: Path) -> None:
        blob = only_blob(minilm, "model.safetensors", WEIGHTS)
        assert "not there any more" in self.fails(minilm.root, tmp_path / "out", blob.unlink)

    def test_a_file_system_that_takes_no_large_files_is_named_and_splitting_hinted(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        plan = plan_export(packables(minilm.root), tmp_path / "out")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
        try:
            (failed,) = execute_export(plan).items
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert "cannot hold a file as large" in failed.error
        assert "Split" in failed.hint
        assert not (tmp_path / "out").exists()

    def test_the_others_are_exported_all_the_same(self, minilm: CacheMaker, tmp_path: Path) -> None:
        minilm.add("org/broken", {"model.bin": b"weights"})
        minilm.add("org/good", {"model.bin": b"other weights"})
        only_blob(minilm, "model.bin", b"weights").write_bytes(b"WEIGHTS")
        result = export(minilm.root, tmp_path / "out")
        assert [bool(item.archive) for item in result.items] == [False, True, True]
        assert sorted(os.listdir(tmp_path / "out")) == ["org_2fgood.zip", f"{ROOT}.zip"]

    @pytest.mark.parametrize("calls", [1, 2, 3])
    def test_a_cancel_leaves_the_older_archive_and_no_part(
        self, minilm: CacheMaker, tmp_path: Path, calls: int
    ) -> None:
        (path,) = export_one(minilm.root, tmp_path / "out").paths
        before = path.read_bytes()

        def cancelling() -> Report:
            left = iter(range(calls, 0, -1))

            def report(_: Progress) -> None:
                if next(left) == 1:
                    raise Cancelled

            return report

        others = set(threading.enumerate())
        for target in (tmp_path / "out", tmp_path / "new" / "folder"):
            with pytest.raises(Cancelled):
                export(minilm.root, target, report=cancelling())
        assert os.listdir(tmp_path / "out") == [path.name]
        assert path.read_bytes() == before
        assert not (tmp_path / "new").exists()
        assert set(threading.enumerate()) == others

    def test_a_disk_without_room_is_said_before_anything_is_written(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        said = on_small_disk(tmp_path, minilm.root, 2)
        assert said == {"fits": False, "error": "NotEnoughSpace", "left": []}

    def test_a_disk_that_becomes_full_meanwhile_is_said_and_left_empty(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        said = on_small_disk(tmp_path, minilm.root, 6, fill=True)
        assert said["fits"]
        assert "became full" in str(said["error"])
        assert said["left"] == ["other"]


ON_SMALL_DISK = """
import json, os, sys
from pathlib import Path
from modelkeep.archive.pack import execute_export, plan_export
from modelkeep.errors import NotEnoughSpace
from support.exports import packables

root, place, fill = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "True"
plan = plan_export(packables(root), place)

def known(blob):  # asked after the space was checked, before anything is written
    if fill:
        with open(place / "other", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 20))
            except OSError:
                pass

try:
    error = execute_export(plan, known=known).failures[0]
except NotEnoughSpace:
    error = "NotEnoughSpace"
print(json.dumps({"fits": plan.fits, "error": error, "left": os.listdir(place)}))
"""


def on_small_disk(tmp_path: Path, root: Path, mebibytes: int, *, fill: bool = False) -> dict[str, object]:
    """What an export to a real disk of that size says; `fill`: another program fills it meanwhile."""
    place = tmp_path / "small"
    place.mkdir()
    script = f'mount -t tmpfs -o size={mebibytes}M none "$1" && shift && exec "$@"'
    command = [sys.executable, "-c", ON_SMALL_DISK, str(root), str(place), str(fill)]
    said: dict[str, object] = json.loads(in_a_mount(script, str(place), *command))
    return said


def in_a_mount(script: str, *arguments: str) -> str:
    """The output of a shell script that mounts something where nobody else sees it."""
    done = subprocess.run(
        [
            "unshare",
            *([] if os.getuid() == 0 else ["--map-root-user"]),
            "--mount",
            "sh",
            "-c",
            script,
            "sh",
            *arguments,
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    if "ermission denied" in done.stderr or "not permitted" in done.stderr:
        pytest.skip("may not mount")
    assert not done.returncode, done.stderr
    return done.stdout


class TestProgress:
    def test_is_told_in_the_callers_thread_and_ends_with_all_bytes(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        minilm.add("org/other", {"model.bin": bytes(500_000)})
        told: list[Progress] = []
        threads: set[int] = set()

        def report(progress: Progress) -> None:
            told.append(progress)
            threads.add(threading.get_ident())

        export(minilm.root, tmp_path / "out", report=report)
        total = sum(map(len, MINILM.values())) + 500_000
        assert threads == {threading.get_ident()}
        assert {progress.total for progress in told} == {total}
        assert [progress.done for progress in told] == sorted(progress.done for progress in told)
        assert told[-1].done == total
        assert told[0].item.startswith("org/other")
        assert told[-1].item.startswith("sentence-transformers/all-MiniLM-L6-v2")

    def test_a_cancel_ends_a_task_in_its_middle(self) -> None:
        ended: list[str] = []

        def endless(count: Count) -> None:
            for _ in range(10_000_000):
                count(1)
            ended.append("by itself")

        def watch(done: int, name: str) -> None:
            if done:
                raise Cancelled

        with pytest.raises(Cancelled):
            run_tasks([("one", endless), ("two", endless), ("three", endless)], workers=2, watch=watch)
        assert ended == []


ON_A_SHARING_DISK = """
import json, os, sys
from pathlib import Path
from modelkeep.archive.pack import ArchiveOptions, execute_export, plan_export
from support.caches import CacheMaker
from support.exports import packables

place = Path(sys.argv[1])
content = os.urandom(1 << 20) * 60
files = {"a.bin": content, "b.bin": content + b"tail", "c.txt": b"small"}
CacheMaker(place / "hub").add("org/name", files, commit="1" * 40, tree=False)
first = execute_export(plan_export(packables(place / "hub"), place / "read")).archives[0]
known = {file.blob.payload: sums for file, sums in first.checksums}

def used():
    os.sync()
    status = os.statvfs(place)
    return (status.f_blocks - status.f_bfree) * status.f_frsize

for split in (None, 50 << 20):
    before = used()
    plan = plan_export(packables(place / "hub"), place / f"shared-{split}", options=ArchiveOptions(split=split))
    archive = execute_export(plan, known=lambda blob: known[blob.payload]).archives[0]
    new = b"".join(path.read_bytes() for path in archive.paths)
    print(json.dumps([archive.cloned, archive.proven, used() - before, new == first.paths[0].read_bytes()]))

plan = plan_export(packables(place / "hub"), place / "changed")
Path(first.checksums[0][0].blob.payload).write_bytes(content[:-1] + b"!")
print(*execute_export(plan, known=lambda blob: known[blob.payload]).failures)
"""


class TestSharedBlocks:
    def test_a_file_system_that_can_share_them_reads_and_writes_next_to_nothing(self, tmp_path: Path) -> None:
        mkfs = shutil.which("mkfs.xfs") or shutil.which("mkfs.btrfs")
        if not mkfs:
            pytest.skip("needs xfs or btrfs")
        with (tmp_path / "disk").open("wb") as disk:
            disk.truncate(1 << 30)
        (tmp_path / "place").mkdir()
        script = f'{mkfs} -q "$1" && mount -o loop "$1" "$5" && shift && exec "$@"'
        command = [sys.executable, "-c", ON_A_SHARING_DISK, str(tmp_path / "place")]
        *lines, changed = in_a_mount(script, str(tmp_path / "disk"), *command).splitlines()
        assert len(lines) == 2
        for line in lines:
            cloned, proven, new, same = json.loads(line)
            assert cloned == (120 << 20) + 4
            assert proven == 1
            assert new < 1 << 20
            assert same
        assert "a.bin is damaged" in changed

    def test_where_a_file_system_cannot_share_them_everything_is_read_and_checked(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        first = export_one(minilm.root, tmp_path / "one")
        known = remembered(first)
        plan = plan_export(packables(minilm.root), tmp_path / "two")
        (archive,) = execute_export(plan, known=known).archives
        assert archive.paths[0].read_bytes() == first.paths[0].read_bytes()
        # Small files are read in any case.
        only_blob(minilm, "config.json", MINILM["config.json"]).write_bytes(b'{"model_type": "BERT"}')
        assert execute_export(plan, known=known).failures

    def test_a_content_that_changed_since_it_was_known_is_read(
        self, minilm: CacheMaker, tmp_path: Path
    ) -> None:
        known = remembered(export_one(minilm.root, tmp_path / "one"))
        plan = plan_export(packables(minilm.root), tmp_path / "two")
        only_blob(minilm, "model.safetensors", WEIGHTS).write_bytes(WEIGHTS[:-1] + b"!")
        assert "damaged" in execute_export(plan, known=known).failures[0]


def remembered(archive: Archive) -> Known:
    """What somebody knows who keeps what an export worked out, by where the contents are."""
    sums = {file.blob.payload: sums for file, sums in archive.checksums if file.blob}
    return lambda blob: sums.get(blob.payload)


class TestAFileSystemWithoutHoles:
    def test_is_written_from_front_to_back_to_the_same_bytes(
        self, cache: CacheMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache.add("org/name", {"a.bin": WEIGHTS * 2, "b.bin": WEIGHTS * 3, "c.txt": b"small"})
        (holes,) = export_one(cache.root, tmp_path / "holes").paths
        places: list[int] = []
        pwrite, fstat = os.pwrite, os.fstat

        def recorded(handle: int, data: memoryview, place: int) -> int:
            if len(data) == CHUNK:
                places.append(place)
            return pwrite(handle, data, place)

        monkeypatch.setattr(os, "fstat", lambda handle: WithoutBlocks(fstat(handle)))
        monkeypatch.setattr(os, "pwrite", recorded)
        (without,) = export_one(cache.root, tmp_path / "none").paths
        assert len(places) > 100
        assert places == sorted(places)
        assert without.read_bytes() == holes.read_bytes()


class WithoutBlocks:
    """What Windows says of a file: everything but the blocks it takes."""

    def __init__(self, status: os.stat_result) -> None:
        self._status = status

    def __getattr__(self, name: str) -> object:
        if name == "st_blocks":
            raise AttributeError(name)
        return getattr(self._status, name)


NAME = "org_2flarge.zip"
KILLED = """
import sys
from pathlib import Path
from modelkeep.archive.pack import execute_export, plan_export
from support.exports import packables

plan = plan_export(packables(Path(sys.argv[1])), Path(sys.argv[2]))
print("begun", flush=True)
execute_export(plan, report=lambda progress: print(progress, flush=True))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cache of a model of 200 MB."""
    folder = tmp_path_factory.mktemp("large")
    cache = CacheMaker(folder / "hub")
    block = random.Random(5).randbytes(1 << 20)
    files = {f"model-{n}.safetensors": block * 100 + bytes([n]) for n in (1, 2)}
    cache.add("org/large", files, commit="1" * 40, tree=False)
    return folder


class TestAKill:
    @pytest.mark.parametrize("lines", [1, 2, 3, 5, 8, 11])
    def test_leaves_no_archive_or_a_whole_one(self, large: Path, lines: int) -> None:
        out = large / "out"
        shutil.rmtree(out, ignore_errors=True)
        if older := lines % 2 == 0:
            out.mkdir()
            (out / NAME).write_bytes(b"older")
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, large / "hub", out],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        process.communicate()
        left = sorted(os.listdir(out)) if out.exists() else []
        assert set(left) <= {NAME, f"{NAME}.part"}
        if NAME in left and (out / NAME).read_bytes() != b"older":
            assert left == [NAME]
            with zipfile.ZipFile(out / NAME) as opened:
                assert opened.testzip() is None
        assert (NAME in left) or not older

    def test_is_made_good_by_the_next_export(self, large: Path) -> None:
        self.test_leaves_no_archive_or_a_whole_one(large, 3)
        (path,) = export_one(large / "hub", large / "out").paths
        assert os.listdir(large / "out") == [path.name]
        with zipfile.ZipFile(path) as opened:
            assert opened.testzip() is None
