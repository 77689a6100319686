"""What is dangerous is stopped at import and before loading, unless a person names it; and it is remembered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelkeep import Library, open_library
from modelkeep.cache.inventory import CachedModel, CachedRevision
from modelkeep.cache.staging import find_staging
from modelkeep.errors import UnsafeModel
from modelkeep.keys import ModelKey
from modelkeep.safety import Verdict, scan_revision
from modelkeep.safety.gate import check_before_loading
from modelkeep.safety.scan import OF_REVISION, remembered_verdict
from support.caches import CacheMaker
from support.hub import HubServer
from support.models import tiny_safetensors
from support.pickles import calling, torch_zip, zip_of

EVIL = torch_zip(calling("os", "system"))
GOOD = {"config.json": b'{"model_type": "bert"}', "model.safetensors": tiny_safetensors()}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with open_library([tmp_path / "hub"]) as opened:
        yield opened


def archive(folder: Path, files: dict[str, bytes], name: str = "model.zip") -> Path:
    path = folder / name
    path.write_bytes(zip_of({f"model/{file}": content for file, content in files.items()}))
    return path


def in_cache(library: Library, key: str) -> tuple[CachedModel, CachedRevision]:
    library.refresh()
    model = library.inventory(library.roots[0]).by_key[ModelKey.parse(key)]
    revision = model.main
    assert revision
    return model, revision


# ---- importing


def test_a_dangerous_model_does_not_get_into_the_cache(tmp_path: Path, library: Library) -> None:
    source = archive(tmp_path, {**GOOD, "pytorch_model.bin": EVIL})
    good = archive(tmp_path, GOOD, "good.zip")
    plan = library.archives.plan_import([source], name="org/evil")
    [done] = library.archives.run_import(plan).items
    assert isinstance(done.error, UnsafeModel)
    assert "pytorch_model.bin" in str(done.error)
    assert "os.system" in str(done.error)
    assert "--" not in done.error.hint  # the window shows it too
    assert done.safety
    assert done.safety.verdict is Verdict.DANGEROUS
    assert not list(Path(library.roots[0]).glob("models--*"))
    [fine] = library.archives.run_import(library.archives.plan_import([good], name="org/good")).items
    assert fine.error is None
    assert fine.safety
    assert fine.safety.verdict is Verdict.CLEAN


def test_what_was_stopped_is_allowed_by_its_name_and_not_read_again(tmp_path: Path, library: Library) -> None:
    plan = library.archives.plan_import([archive(tmp_path, {"pytorch_model.bin": EVIL})], name="org/evil")
    library.archives.run_import(plan)
    assert len(find_staging(plan.root)) == 1
    again = library.archives.plan_import([tmp_path / "model.zip"], name="org/evil")
    assert again.bytes_needed == 0
    [other] = library.archives.run_import(again, allow_unsafe=["org/another"]).items
    assert isinstance(other.error, UnsafeModel)
    [done] = library.archives.run_import(again, allow_unsafe=["org/evil"]).items
    assert (done.error, done.bytes_written) == (None, 0)
    assert done.safety
    assert done.safety.verdict is Verdict.DANGEROUS
    [allowed] = [event for event in library.catalog.events() if event.verb == "allow"]
    assert (allowed.key, allowed.outcome) == ("hf@org/evil", "done")
    assert allowed.detail.startswith("import: pytorch_model.bin: ")
    assert "os.system" in allowed.detail
    assert find_staging(plan.root) == ()


def test_what_is_only_suspicious_is_imported_and_said(tmp_path: Path, library: Library) -> None:
    files = {"a.pkl": calling("somewhere", "Thing"), "b.bin": b"7z\xbc\xaf\x27\x1c" + bytes(99)}
    [done] = library.archives.run_import(
        library.archives.plan_import([archive(tmp_path, files)], name="org/odd")
    ).items
    assert done.error is None
    assert done.safety
    assert {file.verdict for file in done.safety.files} == {Verdict.SUSPICIOUS, Verdict.COULD_NOT_SCAN}


# ---- what is remembered


def test_an_import_is_remembered_as_a_scan(tmp_path: Path, library: Library) -> None:
    library.archives.run_import(library.archives.plan_import([archive(tmp_path, GOOD)], name="org/good"))
    _, revision = in_cache(library, "hf@org/good")
    known = remembered_verdict(revision, library.catalog)
    assert known
    assert known.verdict is Verdict.CLEAN
    assert len(known.files) == 2
    facts = library.catalog.recall(OF_REVISION, revision.path, revision.size, revision.modified)
    assert isinstance(facts, dict)
    assert facts["verdict"] == "clean"


def test_what_was_never_scanned_is_not_known(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/evil", {"a.bin": EVIL, "same.bin": EVIL, "c.json": b"{}"}, refs=("main",))
    with open_library([cache.root]) as library:
        _, revision = in_cache(library, "hf@org/evil")
        assert remembered_verdict(revision, library.catalog) is None
        found = scan_revision(revision, memory=library.catalog)
        known = remembered_verdict(revision, library.catalog)
        assert known
        assert known.verdict is Verdict.DANGEROUS
        assert known.files == found.files
        # A file that changed is not known any more, and so the model is not.
        changed = os.path.realpath(Path(revision.path, "c.json"))
        Path(changed).write_bytes(b"[]")
        os.utime(changed, (1, 1))
        assert remembered_verdict(revision, library.catalog) is None


# ---- downloading


def test_a_download_is_not_stopped_but_said_and_remembered(
    cache: CacheMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as server, open_library([cache.root]) as library:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        server.add("org/evil", {"config.json": b"{}", "pytorch_model.bin": EVIL})
        result = library.hubs.download(library.hubs.plan_download("org/evil"))
        assert result.error is None
        assert result.safety
        assert result.safety.verdict is Verdict.DANGEROUS
        model, revision = in_cache(library, "hf@org/evil")
        known = remembered_verdict(revision, library.catalog)
        assert known
        assert known.files == result.safety.files
        with pytest.raises(UnsafeModel):
            check_before_loading(model, revision, library.catalog, what="load")


# ---- before loading


def test_loading_is_stopped_unless_the_model_is_named(cache: CacheMaker) -> None:
    cache.add("org/evil", {"a.bin": EVIL}, refs=("main",))
    cache.add("org/good", {"c.json": b"{}"}, refs=("main",))
    with open_library([cache.root]) as library:
        model, revision = in_cache(library, "hf@org/evil")
        for _ in range(2):  # scanned, then remembered
            with pytest.raises(UnsafeModel, match="not safe to load"):
                check_before_loading(model, revision, library.catalog, what="load")
        with pytest.raises(UnsafeModel):
            check_before_loading(model, revision, what="load", allow=["org/evil@v1", "org/good"])
        allowed = check_before_loading(model, revision, library.catalog, what="load", allow=["org/evil"])
        assert allowed.verdict is Verdict.DANGEROUS
        assert [event.verb for event in library.catalog.events()] == ["allow"]
        good = check_before_loading(*in_cache(library, "hf@org/good"), library.catalog, what="load")
        assert good.verdict is Verdict.CLEAN
