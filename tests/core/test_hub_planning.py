"""Plans of downloads: what they say of files, sources, room and refs, and that making one changes nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep.errors import BadReply, NotOnRemote
from modelkeep.hub import planning, queue
from modelkeep.hub.download_plan import DownloadPlan, FileAction
from modelkeep.hub.journal import Journal
from modelkeep.hub.replies import HubFile, HubModel
from modelkeep.hub.transfer_folder import Folder
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from support.caches import CacheMaker, sha256
from support.hub import HubServer

FILES = {
    "README.md": b"# A model\n",
    "config.json": b"{}",
    "model.safetensors": b"weights" * 1000,
    "pytorch_model.bin": b"pickles" * 1000,
    "modeling.py": b"import os\n",
}
WEIGHTS = len(FILES["model.safetensors"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def library(cache: CacheMaker, server: HubServer) -> Iterator[Library]:
    with open_library([cache.root]) as library:
        yield library


def everything_below(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in folder.rglob("*")}


def actions(plan: DownloadPlan) -> dict[str, str]:
    return {file.path: str(file.action) for file in plan.chosen}


def test_a_plan_changes_nothing(library: Library, server: HubServer, cache: CacheMaker) -> None:
    cache.add("org/name", {"config.json": b"old"})
    server.add("org/name", FILES)
    before = everything_below(cache.root)
    plan = library.hubs.plan_download("org/name")
    library.hubs.choose(plan, ["config.json"])
    assert everything_below(cache.root) == before
    assert not server.seen("* */resolve/*")


def test_a_plan_says_what_comes_and_what_that_takes(library: Library, server: HubServer) -> None:
    commit = server.add("org/name", FILES, cardData={"license": "mit"}, tags=["license:mit"], private=True)
    plan = library.hubs.plan_download("org/name")
    assert (plan.commit, plan.ref, plan.ref_was, plan.endpoint) == (commit, "main", "", server.endpoint)
    assert actions(plan) == dict.fromkeys(sorted(set(FILES) - {"pytorch_model.bin"}), "fetch")
    assert plan.bytes_missing == plan.bytes_total == sum(map(len, FILES.values())) - 7000
    assert plan.fits_disk
    assert plan.free_after == plan.free - plan.bytes_missing
    assert plan.fit
    assert plan.fit.weights == WEIGHTS
    assert plan.fit.run > WEIGHTS
    assert plan.fit.fits_ram
    assert any("Private" in note for note in plan.notes)
    assert any("modeling.py" in note for note in plan.notes)


def test_what_is_here_is_present(library: Library, server: HubServer, cache: CacheMaker) -> None:
    cache.add("org/name", {"old.safetensors": FILES["model.safetensors"]})
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    assert actions(plan)["model.safetensors"] == FileAction.PRESENT
    assert plan.bytes_present == WEIGHTS
    assert not plan.is_complete


def test_what_other_caches_have_is_linked(library: Library, server: HubServer, cache: CacheMaker) -> None:
    other = CacheMaker(cache.root.parent / "other")
    library.set_roots([cache.root, other.root])
    other.add("some/model", {"a.safetensors": FILES["model.safetensors"]})
    cache.add("another/model", {"config.json": FILES["config.json"]})
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    assert (actions(plan)["model.safetensors"], actions(plan)["config.json"]) == ("link", "link")
    assert plan.bytes_linked == WEIGHTS + 2


@pytest.mark.skipif(
    not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == os.stat(tempfile.gettempdir()).st_dev,
    reason="needs a second disk",
)
def test_what_lies_on_another_disk_takes_room_here(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as disk:
        other = CacheMaker(Path(disk, "hub"))
        other.add("some/model", {"a.safetensors": FILES["model.safetensors"]})
        library.set_roots([library.roots[0], other.root])
        plan = library.hubs.plan_download("org/name")
    assert actions(plan)["model.safetensors"] == "link"
    assert plan.bytes_written == plan.bytes_missing + WEIGHTS
    assert plan.free_after == plan.free - plan.bytes_written


def test_what_an_interrupted_download_left_is_counted(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    added = library.hubs.add_transfer(library.hubs.plan_download("org/name"))
    folder = Folder(cache.root, added.id)
    etag = sha256(FILES["model.safetensors"])
    folder.part(etag).write_bytes(FILES["model.safetensors"][:4000])
    journal = Journal(folder.journal(etag), WEIGHTS)
    journal.add(0, 4000)
    journal.close()
    plan = library.hubs.plan_download("org/name")
    assert plan.bytes_missing == plan.bytes_total - 4000
    assert [file.staged for file in plan.files if file.path == "model.safetensors"] == [4000]


def test_globs_files_and_everything_say_otherwise(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download

    def chosen(made: DownloadPlan) -> list[str]:
        return [file.path for file in made.chosen]

    assert chosen(plan("org/name", include=["*.json", "*.bin"], exclude=["c*"])) == ["pytorch_model.bin"]
    assert chosen(plan("org/name", exclude=["*.bin"])) == sorted(set(FILES) - {"pytorch_model.bin"})
    assert chosen(plan("org/name", everything=True)) == sorted(FILES)
    assert chosen(plan("org/name", files=["config.json"])) == ["config.json"]
    assert chosen(plan(f"{server.endpoint}/org/name/blob/main/config.json")) == ["config.json"]
    with pytest.raises(NotOnRemote, match=r"nowhere\.json"):
        plan("org/name", files=["nowhere.json"])


def test_choosing_asks_nobody(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    server.forget()
    smaller = library.hubs.choose(plan, ["config.json", "pytorch_model.bin"])
    assert [file.path for file in smaller.chosen] == ["config.json", "pytorch_model.bin"]
    assert not server.requests
    with pytest.raises(NotOnRemote):
        library.hubs.choose(plan, ["nowhere.json"])


def test_a_ref_that_leads_elsewhere_is_told(library: Library, server: HubServer, cache: CacheMaker) -> None:
    old = cache.add("org/name")
    commit = server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    assert plan.ref_was == old
    assert any(old[:8] in note and commit[:8] in note for note in plan.notes)


@pytest.mark.parametrize(
    ("asked", "ref"),
    [("v1", "v1"), ("{commit}", ""), ("refs/heads/main", "main"), ("refs/pr/1", "refs/pr/1")],
)
def test_the_revision_that_is_asked_for_names_the_ref(
    library: Library, server: HubServer, cache: CacheMaker, asked: str, ref: str
) -> None:
    here = cache.add("org/name")
    commit = server.add("org/name", FILES)
    server.tag("org/name", "v1", commit)
    server.tag("org/name", "refs/pr/1", commit)
    plan = library.hubs.plan_download(f"org/name@{asked.format(commit=commit)}")
    assert (plan.commit, plan.ref) == (commit, ref)
    assert any("“main” stays" in note for note in plan.notes) == (ref != "main")
    assert plan.ref_was == (here if ref == "main" else "")


def test_a_renamed_repository_keeps_the_name_that_was_asked_for(
    library: Library, server: HubServer, cache: CacheMaker
) -> None:
    server.add("org/name", FILES)
    server.rename("org/name", "org/new-name")
    plan = library.hubs.plan_download("org/name")
    assert plan.key == ModelKey("org/name")
    assert any("org/new-name" in note for note in plan.notes)
    result = library.hubs.download(plan)
    assert result.snapshot.startswith(str(cache.folder("org/name")))


class OneAnswer:
    """A hub that lists just these files."""

    def __init__(self, *files: HubFile) -> None:
        self._files = files

    def model(self, key: ModelKey) -> HubModel:
        return HubModel("org/name", "1" * 40)

    def files(self, key: ModelKey, commit: str) -> tuple[HubFile, ...]:
        return self._files


@pytest.mark.parametrize(
    "files",
    [
        [HubFile("../../../escaped", 1, "2" * 40)],
        [HubFile("/etc/passwd", 1, "2" * 40)],
        [HubFile("a/../../b", 1, "2" * 40)],
        [HubFile("./a", 1, "2" * 40)],
        [HubFile("nul.txt", 1, "2" * 40)],
        [HubFile("a", 1, "2" * 40), HubFile("A", 1, "3" * 40)],
        [HubFile("a", 1, "2" * 40), HubFile("a/b", 1, "3" * 40)],
        [HubFile("a", 1, "../../x")],
        [HubFile("a", 1, "")],
        [HubFile("a", -1, "2" * 40)],
        [HubFile("a", 1, "2" * 40), HubFile("b", 2, "2" * 40)],
    ],
)
def test_what_could_be_written_elsewhere_is_refused(cache: CacheMaker, files: list[HubFile]) -> None:
    with pytest.raises(BadReply):
        planning.plan_download(
            OneAnswer(*files),  # type: ignore[arg-type]
            ModelKey("org/name"),
            cache.root,
            profile="",
            endpoint="",
        )


def test_gguf_takes_the_memory_of_the_quantisation_that_was_chosen(
    library: Library, server: HubServer, tmp_path: Path
) -> None:
    server.add("org/name", {"a-Q4_K_M.gguf": b"4" * 400, "a-Q8_0.gguf": b"8" * 800})
    plan = library.hubs.plan_download("org/name")
    assert plan.fit
    assert (plan.fit.weights, plan.fit.dtypes) == (400, (("Q4_K_M", 400),))
    other = library.hubs.choose(plan, ["a-Q8_0.gguf"])
    assert other.fit
    assert other.fit.dtypes == (("Q8_0", 800),)


def test_a_plan_of_all_that_is_here_is_complete(library: Library, server: HubServer) -> None:
    server.add("org/name", FILES)
    plan = library.hubs.plan_download("org/name")
    assert queue.download_of(plan).wanted == tuple(
        HubFile(file.path, file.size, file.etag) for file in plan.chosen
    )
    library.hubs.download(plan)
    assert library.hubs.plan_download("org/name").is_complete
