"""What is pushed becomes a revision whole or not at all, whoever else pushes and whenever the server is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelkeep import open_library
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.policy import CachePolicy
from modelkeep.cache.scan import scan
from modelkeep.cache.staging import find_staging
from modelkeep.cache.trash import list_trash, restore
from modelkeep.errors import CacheBusy, CacheNotFound, NotEnoughSpace
from modelkeep.keys import ModelKey
from modelkeep.serve.answers import HubError
from modelkeep.serve.pushing import history, refs
from modelkeep.serve.pushing.committing import commit
from modelkeep.serve.pushing.store import PushStore
from modelkeep.serve.pushing.tags import read_tags
from modelkeep.serve.pushing.uploads import Limits
from support.aged import LARGE, add_aged
from support.caches import CacheMaker, sha256
from support.pushes import KEY, add, add_lfs, contents, disk_of_8_mib, push, remove, send, send_part

OTHER = ModelKey("org/other")
WEIGHTS = bytes(range(256)) * 40
LIMITS = Limits(part_size=1000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "hub").mkdir()
    return tmp_path / "hub"


@pytest.fixture
def store(root: Path) -> Iterator[PushStore]:
    with PushStore(root, limits=LIMITS) as store:
        store.create(KEY, "alice")
        yield store


def refused(error: pytest.ExceptionInfo[HubError]) -> tuple[int, str]:
    return error.value.status, error.value.message


# ---- commits


def test_a_push_keeps_the_cache_within_its_limits(store: PushStore, root: Path) -> None:
    add_aged(CacheMaker(root), "org/old", days=40)
    with open_library([root]) as library:
        library.space.set_policy(str(root), CachePolicy(max_size=2 * LARGE, grace=0.0))
        content = os.urandom(LARGE)
        send(store, content)
        push(store, add_lfs("model.bin", content))
        library.refresh()
        assert [str(entry.key) for entry in library.trash()] == ["hf@org/old"]
        head = store.head(KEY, "main")
        send(store, more := os.urandom(2 * LARGE))
        with pytest.raises(NotEnoughSpace):
            push(store, add_lfs("more.bin", more))
    assert store.head(KEY, "main") == head


def test_a_commit_keeps_what_it_does_not_name(store: PushStore, root: Path) -> None:
    send(store, WEIGHTS)
    push(store, add("config.json", b"{}"), add("a/b.txt", b"b"), add_lfs("model.bin", WEIGHTS))
    push(store, add("config.json", b"[]"), remove("a", folder=True))
    found = contents(root)
    assert found.pop(".gitattributes")
    assert found == {"config.json": b"[]", "model.bin": WEIGHTS}


def test_the_id_of_a_commit_is_that_of_git(store: PushStore, root: Path, tmp_path: Path) -> None:
    push(store, add("b.txt", b"b"), add("b/c.txt", b"c"), add("b-d", b"d"))
    [made, first] = history.commits(root, "models--org--model", store.head(KEY, "main") or "")

    clone = tmp_path / "clone"
    clone.mkdir()
    for name, content in contents(root).items():
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).write_bytes(content)
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in
           (("NAME", made.author), ("EMAIL", ""), ("DATE", f"{made.date} +0000"))}  # fmt: skip

    def git(*arguments: str) -> str:
        environment = os.environ | who
        return subprocess.run(
            ["git", *arguments], cwd=clone, env=environment, capture_output=True, check=True, text=True
        ).stdout.strip()

    git("init", "-q")
    git("-c", "core.autocrlf=false", "add", "--all")
    tree = git("write-tree")
    text = f"tree {tree}\nparent {first.id}\n"
    text += "".join(f"{role} alice <> {made.date} +0000\n" for role in ("author", "committer"))
    (tmp_path / "commit").write_bytes(f"{text}\n{made.title}\n".encode())
    assert git("hash-object", "-t", "commit", "--literally", str(tmp_path / "commit")) == made.id


def test_a_stale_parent_is_refused(store: PushStore) -> None:
    seen = store.head(KEY, "main") or ""
    push(store, add("a", b"1"), parent=seen)
    with pytest.raises(HubError) as error:
        push(store, add("a", b"2"), parent=seen)
    assert error.value.status == 412


def test_the_same_again_makes_no_commit(store: PushStore) -> None:
    first = push(store, add("a", b"1"))
    again = push(store, add("a", b"1"))
    assert (again.commit, again.is_new) == (first.commit, False)


def test_pushers_at_once_lose_nothing(store: PushStore, root: Path) -> None:
    def pusher(number: int) -> None:
        for turn in range(5):
            push(store, add(f"{number}/{turn}", f"{number} {turn}".encode()))

    threads = [threading.Thread(target=pusher, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = contents(root)
    assert {f"{number}/{turn}" for number in range(4) for turn in range(5)} <= found.keys()
    assert len(history.commits(root, "models--org--model", store.head(KEY, "main") or "")) == 21


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a//b", "a/./b", "nul", "a\\b", ".git/config", "x/.GIT/hooks/a", "a\0", ""]
)
def test_a_path_that_is_none_is_refused(store: PushStore, name: str, root: Path) -> None:
    before = contents(root)
    with pytest.raises(HubError) as error:
        push(store, add(name, b"1"))
    assert error.value.status == 400
    assert contents(root) == before


@pytest.mark.parametrize("name", ["CONFIG.json", "config.json/a", "A/b.txt"])
def test_names_that_clash_are_refused(store: PushStore, name: str) -> None:
    push(store, add("config.json", b"{}"), add("a/b.txt", b"1"))
    with pytest.raises(HubError) as error:
        push(store, add(name, b"1"))
    assert error.value.status == 409


def test_what_was_never_uploaded_is_named(store: PushStore) -> None:
    with pytest.raises(HubError) as error:
        push(store, add_lfs("model.bin", b"nobody sent this"))
    status, message = refused(error)
    assert status == 400
    assert sha256(b"nobody sent this") in message
    assert "model.bin" in message


def test_what_is_not_there_cannot_be_deleted(store: PushStore) -> None:
    for operation in (remove("a"), remove("a", folder=True)):
        with pytest.raises(HubError) as error:
            push(store, operation)
        assert (error.value.status, error.value.code) == (404, "EntryNotFound")


def test_a_large_file_inside_of_a_commit_is_refused(root: Path) -> None:
    with PushStore(root, limits=Limits(in_commit=100)) as store:
        store.create(KEY, "alice")
        push(store, add("a", bytes(100)))
        for size in (101, 100_000):
            with pytest.raises(HubError) as error:
                push(store, add("a", bytes(size)))
            assert error.value.status == 413


def test_a_content_of_another_repository_is_not_sent_again(store: PushStore, root: Path) -> None:
    send(store, WEIGHTS)
    push(store, add_lfs("model.bin", WEIGHTS))
    store.create(OTHER, "alice")
    push(store, add_lfs("copy.bin", WEIGHTS), key=OTHER)
    blobs = [root / f"models--org--{name}" / "blobs" / sha256(WEIGHTS) for name in ("model", "other")]
    assert blobs[0].stat().st_ino != blobs[1].stat().st_ino
    assert contents(root, key=OTHER)["copy.bin"] == WEIGHTS


def test_a_damaged_content_of_another_repository_is_not_taken(store: PushStore, root: Path) -> None:
    send(store, WEIGHTS)
    push(store, add_lfs("model.bin", WEIGHTS))
    (root / "models--org--model/blobs" / sha256(WEIGHTS)).write_bytes(bytes(len(WEIGHTS)))
    store.create(OTHER, "alice")
    with pytest.raises(HubError, match="damaged"):
        push(store, add_lfs("copy.bin", WEIGHTS), key=OTHER)


def test_nothing_is_built_on_a_part_of_a_repository(store: PushStore, root: Path) -> None:
    made = push(store, add("a", b"1"), add("b", b"2"))
    (root / "models--org--model/snapshots" / made.commit / "b").unlink()
    with pytest.raises(HubError) as error:
        push(store, add("c", b"3"))
    assert error.value.status == 409


def test_a_cache_without_links_takes_pushes(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    with PushStore(root, limits=LIMITS) as store:
        store.create(KEY, "alice")
        send(store, WEIGHTS)
        push(store, add("a/b", b"1"), add("same", b"1"), add_lfs("model.bin", WEIGHTS))
        push(store, add("c", b"3"))
    found = contents(root)
    assert (found["a/b"], found["same"], found["c"], found["model.bin"]) == (b"1", b"1", b"3", WEIGHTS)


# ---- branches, tags, pull requests


def test_branches_and_tags(store: PushStore, root: Path) -> None:
    first = store.head(KEY, "main")
    refs.create_branch(store, KEY, "dev/one")
    refs.create_tag(store, KEY, "v1", "main", "The first")
    made = push(store, add("a", b"1"), branch="dev/one")
    assert store.refs(KEY) == {"main": first, "v1": first, "dev/one": made.commit}
    assert read_tags(root, "models--org--model") == {"v1": "The first"}
    for name in ("main", "v1", "dev", "MAIN"):
        with pytest.raises(HubError) as error:
            refs.create_branch(store, KEY, name)
        assert error.value.status == 409
    with pytest.raises(HubError, match="is a tag"):
        push(store, add("a", b"2"), branch="v1")
    refs.delete_branch(store, KEY, "dev/one")
    refs.delete_tag(store, KEY, "v1")
    assert store.refs(KEY) == {"main": first}
    assert not (root / "models--org--model/refs/dev").exists()


def test_a_branch_is_no_tag_because_one_was_called_so(store: PushStore, root: Path) -> None:
    refs.create_tag(store, KEY, "v1", "main")
    (root / "models--org--model/refs/v1").unlink()
    with pytest.raises(HubError):
        refs.create_tag(store, KEY, "v2", "nowhere")
    assert "v2" not in read_tags(root, "models--org--model")
    refs.create_branch(store, KEY, "v1")
    assert push(store, add("a", b"1"), branch="v1").is_new


def test_what_is_no_branch_cannot_be_deleted(store: PushStore) -> None:
    refs.create_tag(store, KEY, "v1", "main")
    for name, status in (("main", 403), ("v1", 404), ("../../x", 404), ("dev", 404)):
        with pytest.raises(HubError) as error:
            refs.delete_branch(store, KEY, name)
        assert error.value.status == status


@pytest.mark.parametrize("name", ["../a", "a..b", "a b", "/a", "a.lock", "0" * 40, "", "nul", "refs/pr/7"])
def test_a_name_that_no_ref_can_have_is_refused(store: PushStore, name: str) -> None:
    with pytest.raises(HubError) as error:
        refs.create_branch(store, KEY, name)
    assert error.value.status == 400


def test_a_pull_request_is_a_branch_of_its_own(store: PushStore, root: Path) -> None:
    first = store.head(KEY, "main")
    numbers = [push(store, add("a", b"%d" % n), pull_request=True).pull_request for n in range(2)]
    assert numbers == [1, 2]
    assert store.head(KEY, "main") == first
    push(store, add("b", b"more"), branch="refs/pr/2")
    assert contents(root, "refs/pr/2").keys() == {".gitattributes", "a", "b"}


# ---- repositories


@pytest.mark.parametrize("name", ["org/model", "ORG/model"])
def test_a_name_is_given_once(store: PushStore, name: str) -> None:
    with pytest.raises(HubError) as error:
        store.create(ModelKey(name), "bob")
    assert error.value.status == 409


@pytest.mark.parametrize("name", ["../x", "a/b/c", "org/-x", ".", "a--b", ""])
def test_a_name_that_no_repository_can_have_is_refused(store: PushStore, name: str) -> None:
    with pytest.raises(HubError) as error:
        store.create(ModelKey(name), "bob")
    assert error.value.status == 400


def test_a_deleted_repository_can_be_restored(store: PushStore, root: Path) -> None:
    push(store, add("a", b"1"))
    store.delete(KEY)
    assert not scan(root).models
    restore(root, [entry.id for entry in list_trash(root)])
    assert contents(root)["a"] == b"1"


def test_a_pinned_repository_is_not_deleted(store: PushStore, root: Path) -> None:
    with Catalog() as catalog:
        catalog.pin(root, KEY)
    with pytest.raises(HubError, match="pinned") as error:
        store.delete(KEY)
    assert error.value.status == 409
    assert contents(root)


# ---- uploads


def test_parts_may_come_in_any_order_and_again(store: PushStore, root: Path) -> None:
    content = os.urandom(3500)
    upload = store.uploads.begin(sha256(content), len(content))
    assert upload.parts == 4
    for part in (1, 3, 4, 2):
        send_part(store, upload.id, part, content[(part - 1) * 1000 : part * 1000])
    send_part(store, upload.id, 2, content[1000:2000])
    store.uploads.complete(upload)
    push(store, add_lfs("model.bin", content))
    assert contents(root)["model.bin"] == content


def test_wrong_content_is_not_kept(store: PushStore) -> None:
    wrong = b"x" * len(WEIGHTS)
    upload = store.uploads.begin(sha256(WEIGHTS), len(WEIGHTS))
    for part in range(1, upload.parts + 1):
        send_part(store, upload.id, part, wrong[: upload.length(part)])
    with pytest.raises(HubError) as error:
        store.uploads.complete(upload)
    assert error.value.status == 422
    assert not upload.path.exists()
    assert not store.uploads.has(sha256(WEIGHTS))


def test_a_part_replaced_after_it_was_hashed_counts_as_it_is_now(store: PushStore) -> None:
    upload = store.uploads.begin(sha256(WEIGHTS), len(WEIGHTS))
    for part in range(1, upload.parts + 1):
        at = (part - 1) * 1000
        send_part(store, upload.id, part, WEIGHTS[at : at + upload.length(part)])
    send_part(store, upload.id, 2, b"y" * 1000)
    with pytest.raises(HubError):
        store.uploads.complete(upload)


def test_an_earlier_try_at_a_part_writes_no_more(store: PushStore) -> None:
    upload = store.uploads.begin(sha256(WEIGHTS), len(WEIGHTS))
    stuck = store.uploads.receive(upload, 1, None)
    send_part(store, upload.id, 1, WEIGHTS[:1000])
    with pytest.raises(HubError) as error:
        stuck.write(b"z" * 1000)
    stuck.close()
    assert error.value.status == 409


def test_missing_and_short_and_long_parts_are_refused(store: PushStore) -> None:
    upload = store.uploads.begin(sha256(WEIGHTS), len(WEIGHTS))
    send_part(store, upload.id, 1, WEIGHTS[:1000])
    with pytest.raises(HubError, match="Part 2"):
        store.uploads.complete(upload)
    for data, status in ((b"short", 400), (bytes(1001), 413)):
        with pytest.raises(HubError) as error:
            send_part(store, upload.id, 2, data)
        assert error.value.status == status
    with pytest.raises(HubError) as error:
        store.uploads.receive(upload, 2, 5000)
    assert error.value.status == 413


def test_limits_of_size_and_time(root: Path) -> None:
    with PushStore(root, limits=Limits(link_life=-1), max_upload=100) as store:
        with pytest.raises(HubError) as error:
            store.uploads.begin(sha256(b""), 101)
        assert error.value.status == 413
        upload = store.uploads.begin(sha256(b""), 100)
        with pytest.raises(HubError) as error:
            store.uploads.find(upload.id)
        assert error.value.status == 404


def test_what_nobody_commits_is_cleared_at_a_start(root: Path) -> None:
    with PushStore(root) as store:
        send(store, WEIGHTS)
    with PushStore(root) as store:
        assert store.uploads.has(sha256(WEIGHTS))
    with PushStore(root, limits=Limits(staged_life=-60)) as store:
        assert not store.uploads.has(sha256(WEIGHTS))
    assert not find_staging(root)


def test_one_server_at_a_time_takes_pushes(store: PushStore, root: Path) -> None:
    with pytest.raises(CacheBusy), PushStore(root):
        pass


# ---- accidents


_STEPS = {"os.rename", "os.symlink", "os.link", "os.remove"}


def _push_and_die(root: Path, steps: int) -> bool:
    """Push in a process that is killed before the given step of its changes to the disk; whether it lived."""
    child = os.fork()
    if not child:
        left = steps

        def count(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal left
            if event in _STEPS:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        store = PushStore(root, limits=LIMITS)
        store.open()
        sys.addaudithook(count)
        push(store, add("config.json", b"[2]"), add_lfs("model.bin", WEIGHTS), remove("old"))
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(os.name == "nt", reason="there is no fork")
def test_a_kill_at_any_step_leaves_the_old_revision_or_the_new(tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.mkdir()
    with PushStore(before, limits=LIMITS) as store:
        store.create(KEY, "alice")
        push(store, add("config.json", b"[1]"), add("old", b"old"))
        send(store, WEIGHTS)
    old = {"config.json": b"[1]", "old": b"old"}
    new = {"config.json": b"[2]", "model.bin": WEIGHTS}
    steps, lived, seen = 0, False, []
    while not lived:
        root = tmp_path / f"killed-{steps}"
        shutil.copytree(before, root, symlinks=True)
        lived = _push_and_die(root, steps)
        # A revision that no ref leads to yet may be without its listing.
        there = contents(root, states=("whole", "unproven"))
        found = {name: content for name, content in there.items() if name != ".gitattributes"}
        assert found in (old, new)
        seen.append(found)
        with PushStore(root, limits=LIMITS) as store:
            # The content is not asked for again.
            push(store, add("config.json", b"[2]"), add_lfs("model.bin", WEIGHTS))
            assert store.files(KEY, store.head(KEY, "main") or "").keys() >= new.keys()
        steps += 1
    assert seen[0] == old
    assert seen[-1] == new
    assert steps > 8


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of_8_mib(tmp_path) as place:
        yield place


def test_a_full_disk_breaks_nothing(small_disk: Path) -> None:
    with PushStore(small_disk) as store:
        store.create(KEY, "alice")
        push(store, add("a", b"1"))
        with pytest.raises(NotEnoughSpace):
            store.uploads.begin(sha256(b""), 9 << 20)
        upload = store.uploads.begin(sha256(b""), 6 << 20)
        (small_disk / "filler").write_bytes(bytes(5 << 20))
        with pytest.raises(NotEnoughSpace):
            send_part(store, upload.id, 1, bytes(6 << 20))
        with pytest.raises(NotEnoughSpace):
            push(store, add("b", bytes(4 << 20)))
        (small_disk / "filler").unlink()
        assert contents(small_disk).keys() == {".gitattributes", "a"}
        push(store, add("b", bytes(4 << 20)))
    assert contents(small_disk)["b"] == bytes(4 << 20)


def test_a_branch_that_another_program_moved_is_not_moved_back(
    store: PushStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(store, add("config.json", b"{}"))
    remember = history.remember

    def moved_meanwhile(*arguments: Any) -> None:
        remember(*arguments)
        store.path(KEY).joinpath("refs/main").write_text("d" * 40)

    monkeypatch.setattr(history, "remember", moved_meanwhile)
    with pytest.raises(HubError) as error:
        push(store, add("config.json", b"[]"))
    assert error.value.status == 412
    assert store.refs(KEY)["main"] == "d" * 40


def test_a_message_is_text_that_can_be_said_again(store: PushStore, root: Path) -> None:
    lines = root.parent / "lines"
    header = {"key": "header", "value": {"summary": "half \ud800"}}
    lines.write_text("\n".join(map(json.dumps, (header, add("config.json", b"{}")))))
    head = commit(store, KEY, "main", lines, "alice").commit
    made, _ = history.commits(root, store.folder(KEY), head)
    assert made.title == "half ?"


def test_uploads_must_fit_together(small_disk: Path) -> None:
    with PushStore(small_disk) as store:
        store.uploads.begin("1" * 64, 100_000)
        with pytest.raises(NotEnoughSpace):
            store.uploads.begin("2" * 64, 100_000, beside=8 << 20)


def test_too_many_folders_to_remove_are_refused(store: PushStore) -> None:
    push(store, add("config.json", b"{}"))
    with pytest.raises(HubError) as error:
        push(store, *(remove(f"folder-{number}", folder=True) for number in range(1001)))
    assert error.value.status == 413


def test_nothing_is_made_where_the_cache_was(store: PushStore, root: Path) -> None:
    away = root.rename(root.parent / "away")
    with pytest.raises(CacheNotFound):
        store.create(OTHER, "alice")
    assert not root.exists()
    away.rename(root)
    store.create(OTHER, "alice")
