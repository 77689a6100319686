"""A store that means harm: nothing is written or read outside of it, nothing hangs, no memory is eaten."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from modelkeep import open_library
from modelkeep.errors import BadReply, ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.library import Library
from modelkeep.remote.manifests import canonical, manifest_id, write_manifest
from modelkeep.remote.names import MARKER, blob_name, entry_name, model_prefix, revision_name
from modelkeep.remote.refs import write_entry
from modelkeep.remote.values import RefEntry
from modelkeep.rows import Selection
from support.caches import CacheMaker, sha256
from support.stores import KEY, files_of, folder_store, manifest, offer, push

SECRET = b"what nobody may read"
FILES = {"config.json": b"{}", "model.safetensors": b"w" * 5000, "secret.txt": SECRET}
GOOD = ModelKey("org/good")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="what is hostile here are links and fifos")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A folder with a store that has two models."""
    with folder_store(tmp_path / "store") as store:
        push(store, offer(tmp_path / "offered", FILES, KEY))
        push(store, offer(tmp_path / "offered", {"config.json": b"[]"}, GOOD))
    return tmp_path / "store"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Somebody's folder, with what the store must not get, and what must not get lost."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / sha256(SECRET)).write_bytes(SECRET)
    (folder / "notes.txt").write_bytes(b"mine")
    return folder


@pytest.fixture
def library(store: Path, cache: CacheMaker, tmp_path: Path) -> Iterator[Library]:
    cache.add("org/mine", {"config.json": b"{}", "model.safetensors": b"m" * 3000})
    (tmp_path / "second").mkdir()
    with open_library([cache.root]) as library:
        library.remotes.add("team", os.fspath(store))
        library.remotes.add("second", os.fspath(tmp_path / "second"))
        yield library


def use(library: Library, name: str = "team") -> list[str]:
    """Do all that can be done with a store; what was refused, in sentences."""
    remotes = library.remotes
    said: list[str] = []
    selection = Selection(library.roots[0], "hf@org/mine")

    def collect() -> None:
        plan = remotes.plan_collection(name, grace=0.0)
        said.extend((*plan.problems, *remotes.collect(plan).failures))

    def sync(origin: str, destination: str) -> Callable[[], None]:
        return lambda: said.extend(remotes.sync(remotes.plan_sync(origin, destination)).failures)

    uses: list[Callable[[], object]] = [
        lambda: remotes.models(name),
        lambda: remotes.rows(name),
        lambda: remotes.look(name, "org/model"),
        lambda: remotes.history(name, "org/model"),
        lambda: remotes.deleted(name),
        lambda: remotes.test(name),
        lambda: remotes.verify(name, deep=True),
        lambda: remotes.fetch(remotes.plan_fetch("org/model", name)),
        lambda: remotes.fetch(remotes.plan_fetch("org/good", name)),
        lambda: remotes.push(remotes.plan_push(selection, name)),
        lambda: remotes.set_ref(name, "org/model", "production"),
        sync(name, "second"),
        sync(name, "here"),
        sync("here", name),
        lambda: remotes.delete(remotes.plan_deletion(name, "org/model")),
        lambda: remotes.restore(name, "org/model"),
        collect,
    ]
    for one in uses:
        try:
            one()
        except ModelKeepError as error:
            said.append(str(error))
    assert all(said)
    return said


def photograph(folder: Path) -> dict[str, object]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def in_time(work: Callable[[], object]) -> None:
    """What waits for a fifo waits for ever."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it hangs"
    if failed:
        raise failed[0]


def blob_of(store: Path, content: bytes) -> Path:
    return store / blob_name(sha256(content))


HUGE = 1 << 40  # bytes; a file with nothing in it takes none


def huge(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.unlink()
    with path.open("wb") as file:
        file.truncate(HUGE)


def in_model(store: Path, key: ModelKey, pattern: str) -> Path:
    [path] = (store / model_prefix(key)).glob(pattern)
    return path


# ---- what is no file

NO_FILES: dict[str, Callable[[Path, Path], object]] = {
    "link": lambda path, outside: path.symlink_to(outside / "there"),
    "fifo": lambda path, outside: os.mkfifo(path),
    "folder": lambda path, outside: path.mkdir(),
    "dangling": lambda path, outside: path.symlink_to(outside / "made"),
}


@pytest.mark.parametrize("what", NO_FILES)
def test_what_is_no_file_is_as_if_it_were_not_there(
    library: Library, cache: CacheMaker, store: Path, outside: Path, tmp_path: Path, what: str
) -> None:
    def replace(path: Path) -> None:
        (outside / "there").write_bytes(path.read_bytes())
        path.unlink()
        NO_FILES[what](path, outside)

    with folder_store(store) as remote:
        for name in ("manifest", "entry"):
            push(remote, offer(tmp_path / "offered", {"config.json": name.encode()}, ModelKey(f"org/{name}")))
    replace(in_model(store, ModelKey("org/manifest"), "revisions/*.json"))
    replace(in_model(store, ModelKey("org/entry"), "refs/main/*.json"))
    replace(blob_of(store, SECRET))
    before = photograph(outside)
    in_time(lambda: use(library))
    assert photograph(outside) == before
    assert not (cache.folder("org/model") / "refs/main").exists()
    assert (cache.folder("org/good") / "refs/main").exists()
    replace(store / MARKER)
    before = photograph(outside)
    in_time(lambda: use(library))
    assert photograph(outside) == before


# ---- folders that lead elsewhere


@pytest.mark.parametrize(
    "where", ["blobs", "blobs/{secret}", "{model}", "{model}refs/main", "pushes", ".modelkeep-unfinished",
              "{model}deleted"]
)  # fmt: skip
def test_a_folder_that_leads_elsewhere_is_not_followed(
    library: Library, store: Path, outside: Path, where: str
) -> None:
    place = store / where.format(secret=sha256(SECRET)[:2], model=model_prefix(KEY))
    if place.exists():
        place.rename(outside / "moved")
    else:
        (outside / "moved").mkdir()
    place.parent.mkdir(exist_ok=True, parents=True)
    place.symlink_to(outside / "moved")
    before = photograph(outside)
    in_time(lambda: use(library))
    assert photograph(outside) == before


# ---- what is too large, too deep, or too much


def test_what_is_too_large_is_not_read(library: Library, store: Path) -> None:
    for name in ("refs/main/00000001.json", "refs/main/00000002.json", f"revisions/{'a' * 40}.{'b' * 16}.json",
                 f"deleted/{'a' * 40}.{'b' * 16}.json"):  # fmt: skip
        huge(store / model_prefix(KEY) / name)
    huge(store / "pushes/0123.json")
    said = use(library)
    assert any("pushes/0123.json" in one for one in said), said
    assert "org/good" in {model.key.repo_id for model in library.remotes.models("team")}
    huge(store / MARKER)
    assert any("too much" in one for one in use(library))


def test_folders_within_folders_without_end_hide_nothing(library: Library, store: Path) -> None:
    for top in (store / "x", store / model_prefix(KEY) / "refs" / "deep"):
        top.mkdir(parents=True)
        here = os.open(top, os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        with open(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here), "wb") as file:
            file.write(b"deep")
        os.close(here)
    try:
        use(library)
        names = {model.key.repo_id for model in library.remotes.models("team")}
        assert {"org/model", "org/good"} <= names
        assert library.remotes.verify("team", deep=True).is_good
    finally:
        subprocess.run(["rm", "-rf", store], check=True)


# ---- manifests and refs that lie


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        path.unlink()
    path.write_bytes(content)


def put_manifest(store: Path, key: ModelKey, change: Mapping[str, object]) -> None:
    """A manifest that was written by hand, whose name is right, and where main leads to it."""
    said, commit = json.loads(write_manifest(manifest(FILES, KEY))), "c" * 40
    content = canonical(said | {"model": key.name, "commit": commit} | change)
    write(store / revision_name(key, commit, manifest_id(content)), content)
    entry = RefEntry("main", 99, commit, "", "hostile", "nobody", 1.0)
    write(store / entry_name(key, "main", 99), write_entry(entry))


PATHS = ["../../escaped", "/tmp/escaped", "a/../../b", "a\\..\\b", "a\0b", "a/./b", "C:x", "a//b", "CON", "a" * 300,
         "x\n/y", ".", "..", ""]  # fmt: skip


def test_paths_that_lead_out_are_refused(library: Library, store: Path, tmp_path: Path) -> None:
    for number, path in enumerate(PATHS):
        file = {"path": path, "size": len(SECRET), "sha256": sha256(SECRET), "etag": sha256(SECRET)}
        put_manifest(store, ModelKey(f"org/path-{number}"), {"files": [file]})
    before = {one for one in tmp_path.rglob("*") if "store" not in one.parts}
    use(library)
    made = {one.name for one in {one for one in tmp_path.rglob("*") if "store" not in one.parts} - before}
    assert not made & {"escaped", "b", "y", "x"}
    models = {model.key.repo_id: model for model in library.remotes.models("team")}
    assert "org/good" in models
    for number in range(len(PATHS)):
        assert "has a file called" in models[f"org/path-{number}"].revisions[0].message
        with pytest.raises(BadReply):
            library.remotes.plan_fetch(f"org/path-{number}", "team")


def test_sizes_that_cannot_be_are_sentences(library: Library, store: Path, cache: CacheMaker) -> None:
    for size in ((1 << 62) - 1, 1 << 40, 0, 1):
        files = [
            {"path": f"{n}.bin", "size": size, "sha256": f"{n:064x}", "etag": f"{n:064x}"} for n in range(40)
        ]
        files.append({"path": "s", "size": size, "sha256": sha256(SECRET), "etag": sha256(SECRET)})
        put_manifest(store, ModelKey(f"org/size-{size}"), {"files": files})
    use(library)
    for size in ((1 << 62) - 1, 1 << 40, 0, 1):
        with pytest.raises(ModelKeepError) as caught:
            library.remotes.fetch(library.remotes.plan_fetch(f"org/size-{size}", "team"))
        assert caught.value.hint
        assert not (cache.folder(f"org/size-{size}") / "refs/main").exists()


NAMES = ["../x", "..", "x/..", "con/nul", "org/" + "n" * 150, "-/x", "org/a--b", "org/.locks", "ORG/GOOD"]


def test_names_that_no_hub_has_harm_no_cache(library: Library, store: Path, cache: CacheMaker) -> None:
    for repo_id in NAMES:
        put_manifest(store, ModelKey(repo_id), {})
    use(library)
    assert "org/good" in {model.key.repo_id for model in library.remotes.models("team")}
    ours = {".locks", ".modelkeep", "CACHEDIR.TAG"}
    assert not [
        path for path in cache.root.iterdir() if path.name not in ours and "models--" not in path.name
    ]


def test_numbers_of_entries_that_leave_no_room(library: Library, store: Path) -> None:
    [commit] = {
        one.commit for model in library.remotes.models("team") if model.key == KEY for one in model.revisions
    }
    for number in (7, 500, 99_999_999):
        entry = RefEntry("main", number, commit, "", "", "nobody", 1.0)
        write(store / entry_name(KEY, "main", number), write_entry(entry))
    said = use(library)
    assert any("no more numbers" in one for one in said), said
    assert library.remotes.look("team", "org/good").manifest.files


def test_entries_that_lead_to_what_is_not_there_or_in_circles(library: Library, store: Path) -> None:
    steps = ["a" * 40, "b" * 40, "a" * 40]
    for number, commit in enumerate(steps, 2):
        entry = RefEntry("main", number, commit, steps[number % 3], "", "nobody", 1.0)
        write(store / entry_name(KEY, "main", number), write_entry(entry))
        write(store / entry_name(KEY, "main", number, "beef"), write_entry(entry))
    use(library)
    with folder_store(store) as remote:
        assert files_of(remote, GOOD)
        assert files_of(remote, KEY) == FILES


def test_a_revision_of_too_many_files_is_refused() -> None:
    one = manifest({"a.bin": b""})
    many = dataclasses.replace(one, files=one.files * 250_001)
    with pytest.raises(BadReply, match="too many"):
        write_manifest(many)
