"""A scan sees every state of the layout, hides nothing, and agrees with the Hub's own client where that can see."""

from __future__ import annotations

import os
import shutil
import string
import subprocess
import tempfile
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.cache.inventory import CachedModel, Inventory, ProblemKind, RootState, State
from modelkeep.cache.scan import scan
from support.caches import CacheMaker, sha256
from support.users import as_nobody

WEIGHTS = b"weights" * 4000


def kinds(model: CachedModel) -> set[str]:
    return {problem.kind for problem in model.problems}


def only(inventory: Inventory) -> CachedModel:
    [model] = inventory.models
    return model


def as_the_hub_sees(inventory: Inventory) -> object:
    """Our result in the shape of the client's, to be compared field by field."""
    return (
        inventory.payloads_size,
        {
            (
                m.repo_type,
                m.repo_id,
                Path(m.path),
                m.size,
                m.file_count,
                m.accessed,
                m.modified,
                frozenset(
                    (
                        r.commit,
                        Path(r.path),
                        r.size,
                        frozenset(r.refs),
                        r.modified,
                        frozenset(
                            (
                                f.name.rpartition("/")[2],
                                Path(f.path),
                                Path(f.blob.path),
                                f.size,
                                f.blob.accessed,
                                f.blob.modified,
                            )
                            for f in r.files
                            if f.blob
                        ),
                    )
                    for r in m.revisions
                ),
            )
            for m in inventory.models
        },
        {(Path(i.path), i.size) for m in inventory.models for i in m.incomplete},
    )


def as_the_client_says(root: Path) -> object:
    info = scan_cache_dir(root)
    assert info.warnings == []
    return (
        info.size_on_disk,
        {
            (
                m.repo_type,
                m.repo_id,
                m.repo_path,
                m.size_on_disk,
                m.nb_files,
                m.last_accessed,
                m.last_modified,
                frozenset(
                    (
                        r.commit_hash,
                        r.snapshot_path,
                        r.size_on_disk,
                        r.refs,
                        r.last_modified,
                        frozenset(
                            (
                                f.file_name,
                                f.file_path,
                                f.blob_path,
                                f.size_on_disk,
                                f.blob_last_accessed,
                                f.blob_last_modified,
                            )
                            for f in r.files
                        ),
                    )
                    for r in m.revisions
                ),
            )
            for m in info.repos
        },
        {(i.file_path, i.size_on_disk) for i in info.incomplete_files},
    )


words = st.text(string.ascii_lowercase, min_size=1, max_size=6)
file_names = st.lists(words, min_size=1, max_size=3).map("/d-".join).map(lambda name: f"{name}.bin")
revisions = st.fixed_dictionaries(
    {
        "files": st.dictionaries(file_names, st.sampled_from([b"", b"a", b"shared", WEIGHTS]), max_size=5),
        "refs": st.lists(st.sampled_from(["main", "v1.0", "refs/pr/1"]), max_size=2, unique=True),
        "linked": st.booleans(),
        "tree": st.booleans(),
        "shared": st.booleans(),
    }
)
repositories = st.dictionaries(
    st.tuples(
        st.sampled_from(["model", "dataset", "space", "kernel"]), st.tuples(words, words).map("/".join)
    ),
    st.lists(revisions, min_size=1, max_size=3),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=repositories, incomplete=st.booleans())
def test_a_healthy_cache_is_seen_as_the_hub_client_sees_it(content: dict, incomplete: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = CacheMaker(Path(folder).resolve() / "hub")
        for (repo_type, repo_id), wanted in content.items():
            for number, revision in enumerate(wanted):
                cache.add(
                    repo_id,
                    revision["files"],
                    repo_type=repo_type,
                    commit=f"{number:040x}",
                    refs=tuple(revision["refs"]),
                    linked=revision["linked"],
                    tree=revision["tree"],
                )
                blob = cache.folder(repo_id, repo_type) / "blobs" / sha256(WEIGHTS)
                if revision["shared"] and blob.is_file() and not blob.is_symlink():
                    cache.share(repo_id, WEIGHTS, repo_type=repo_type)
        if incomplete and content:
            repo_type, repo_id = next(iter(content))
            if repo_type == "model":
                cache.incomplete(repo_id)
        ours = scan(cache.root)
        assert as_the_hub_sees(ours) == as_the_client_says(cache.root)
        for model in ours.models:
            assert model.on_disk >= model.frees >= 0
            assert all(model.on_disk >= revision.on_disk for revision in model.revisions)


def disk_usage(path: Path) -> int:
    return int(subprocess.check_output(["du", "-s", "--block-size=1", path]).split()[0])


def test_sizes_are_those_of_du(cache: CacheMaker) -> None:
    cache.add("org/model", {"model.safetensors": WEIGHTS, "a/b/config.json": b"{}"})
    cache.add("org/model", {"model.safetensors": WEIGHTS, "b.bin": b"b" * 5000}, refs=("v2",))
    cache.incomplete("org/model")
    cache.orphan("org/model")
    model = only(scan(cache.root))
    assert model.on_disk == model.frees == disk_usage(cache.folder("org/model"))


def test_what_two_models_share_frees_nothing_alone(cache: CacheMaker) -> None:
    for name in ("org/a", "org/b"):
        cache.add(name, {"model.safetensors": WEIGHTS})
        payload = cache.share(name, WEIGHTS)
    a, b = scan(cache.root).models
    manifest = payload.with_name(f"{payload.name}.refs")
    for model in (a, b):
        assert model.frees == disk_usage(Path(model.path))
        assert model.on_disk == model.frees + disk_usage(payload) + disk_usage(manifest)
        assert model.revisions[0].frees < len(WEIGHTS)
    shutil.rmtree(b.path)
    [alone] = scan(cache.root).models
    assert alone.frees == disk_usage(Path(alone.path)) + disk_usage(payload) + disk_usage(manifest)


def test_a_hard_link_from_elsewhere_keeps_the_bytes(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", {"model.safetensors": WEIGHTS})
    blob = cache.folder("org/model") / "blobs" / sha256(WEIGHTS)
    os.link(blob, tmp_path / "kept elsewhere")
    model = only(scan(cache.root))
    assert model.on_disk - model.frees == disk_usage(blob)


def test_a_sparse_file_costs_what_it_holds(cache: CacheMaker) -> None:
    cache.add("org/huge", {"model.safetensors": b"x"}, tree=False)
    blob = cache.folder("org/huge") / "blobs" / sha256(b"x")
    os.truncate(blob, 20 << 30)
    model = only(scan(cache.root))
    assert model.size == 20 << 30
    assert model.on_disk < 1 << 20


def test_damage_never_hides_a_model(cache: CacheMaker) -> None:
    commit = cache.add("org/broken-link", {"config.json": b"{}", "model.safetensors": WEIGHTS})
    (cache.folder("org/broken-link") / "blobs" / sha256(WEIGHTS)).unlink()
    cache.add("org/dangling")
    cache.set_ref("org/dangling", "main", "0" * 40)
    cache.set_ref("org/refs-only", "main", "1" * 40)
    cache.add("org/stray")
    (cache.folder("org/stray") / "notes.txt").write_text("mine")
    (cache.folder("org/stray") / "snapshots" / "README").write_text("mine")
    cache.add("org/orphan")
    cache.orphan("org/orphan")
    (cache.root / "leftover.zip").write_bytes(b"x")
    found = {model.repo_id: model for model in scan(cache.root).models}

    assert found["org/broken-link"].state is State.DAMAGED
    assert kinds(found["org/broken-link"]) == {ProblemKind.BROKEN_LINK}
    [revision] = found["org/broken-link"].revisions
    assert (revision.commit, revision.missing) == (commit, ("model.safetensors",))
    assert kinds(found["org/dangling"]) == {ProblemKind.DANGLING_REF}
    assert found["org/dangling"].revisions[0].state is State.WHOLE
    assert kinds(found["org/refs-only"]) == {ProblemKind.DANGLING_REF, ProblemKind.NO_SNAPSHOTS}
    assert kinds(found["org/stray"]) == {ProblemKind.STRAY_FILE}
    assert found["org/stray"].state is State.WHOLE
    assert kinds(found["org/orphan"]) == {ProblemKind.ORPHAN_BLOB}
    assert [problem.kind for problem in scan(cache.root).problems] == [ProblemKind.STRAY_FILE]


def test_a_tree_listing_proves_what_is_missing_or_has_another_size(cache: CacheMaker) -> None:
    files = {"config.json": b"{}", "model.safetensors": WEIGHTS}
    commit = cache.add("org/partial", {"config.json": b"{}"})
    cache.write_tree("org/partial", commit, files)
    cache.add("org/short", files)
    os.truncate(cache.folder("org/short") / "blobs" / sha256(WEIGHTS), 10)
    cache.add("org/unlisted", tree=False)
    cache.write_tree("org/unlisted", cache.add("org/garbage"), {}).write_text("{")
    (cache.folder("org/garbage") / "trees").mkdir(exist_ok=True)
    partial, short, unlisted = (
        next(m for m in scan(cache.root).models if m.repo_id == name)
        for name in ("org/partial", "org/short", "org/unlisted")
    )
    assert (partial.state, partial.revisions[0].missing) == (State.INCOMPLETE, ("model.safetensors",))
    assert (short.state, kinds(short)) == (State.DAMAGED, {ProblemKind.WRONG_SIZE})
    assert unlisted.state is State.UNPROVEN


def test_other_tools_folders_are_other(tmp_path: Path) -> None:
    cache = CacheMaker(tmp_path / "hf" / "hub")
    cache.add("org/model")
    (tmp_path / "hf" / "xet" / "chunk-cache").mkdir(parents=True)
    (tmp_path / "hf" / "xet" / "chunk-cache" / "c").write_bytes(b"x" * 100_000)
    (cache.root / "blobs").mkdir()
    (cache.root / "blobs" / "foreign").write_bytes(b"no marker")
    inventory = scan(cache.root)
    assert {Path(other.path).name for other in inventory.others} == {"xet", "blobs"}
    assert inventory.other >= 100_000


def test_roots_that_are_not_there_say_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert scan(tmp_path / "nowhere").state is RootState.MISSING
    assert scan("/media/nobody/usb-stick/hub").state is RootState.NOT_MOUNTED
    inventory = scan(tmp_path / "file")
    assert inventory.state is RootState.NOT_A_FOLDER
    assert "is not a folder" in inventory.problems[0].message


def test_an_unreadable_folder_is_a_problem_not_a_failure(cache: CacheMaker) -> None:
    cache.add("org/open")
    cache.add("org/closed")
    cache.folder("org/closed").chmod(0)

    def look() -> list[tuple[str, str, list[str]]]:
        inventory = scan(cache.root)
        assert inventory.state is RootState.READ_ONLY
        return [(m.repo_id, str(m.state), [str(p.kind) for p in m.problems]) for m in inventory.models]

    assert as_nobody(look, cache.root) == [
        ("org/closed", "damaged", ["unreadable"]),
        ("org/open", "whole", []),
    ]


def test_a_cache_that_vanishes_while_it_is_read_is_no_failure(cache: CacheMaker) -> None:
    for number in range(200):
        cache.add(f"org/model-{number}")
    with subprocess.Popen(["rm", "-rf", *cache.root.iterdir()]):
        for _ in range(20):
            scan(cache.root)
    assert scan(cache.root).models == ()


@pytest.mark.parametrize("name", ["main", "refs/pr/7", "a1b2c3d"])
def test_a_revision_is_found_by_ref_and_by_the_beginning_of_its_commit(cache: CacheMaker, name: str) -> None:
    commit = "a1b2c3d" + "0" * 33
    cache.add("org/model", commit=commit, refs=("main", "refs/pr/7"))
    found = only(scan(cache.root)).revision(name)
    assert found is not None
    assert found.commit == commit


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_damage_and_holds_nobody_up(cache: CacheMaker) -> None:
    commit = cache.add("org/name")
    for place in ("refs/pipe", f"snapshots/{commit}/pipe.json", "blobs/pipe"):
        os.mkfifo(cache.folder("org/name") / place)
    [model] = scan(cache.root).models
    assert model.revision("main") is not None
    assert any(problem.path.endswith("refs/pipe") for problem in model.problems)
