"""What a site has is not carried there again: packed without it, put together with it, proven as a whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep import open_library
from modelkeep.archive.absent import Absent, AbsentFile, left_out
from modelkeep.archive.export_plan import ArchiveOptions
from modelkeep.archive.import_choice import choose
from modelkeep.archive.import_plan import Action, ImportItem
from modelkeep.archive.manifest import MAX_METADATA, ModelMetadata
from modelkeep.cache.inventory import State
from modelkeep.cache.scan import scan
from modelkeep.carrying import BundlePlan
from modelkeep.errors import ArchiveError
from modelkeep.library import Library
from support.archives import ETAGS, FILES, WEIGHTS, tree_of
from support.caches import CacheMaker, git_sha1, sha256
from support.imports import loaded
from support.models import tiny_bert_files

NEWER = FILES | {"config.json": b'{"model_type": "roberta"}', "new.txt": b"only in the second"}


class Sites:
    """A connected site with two revisions of a model, and an isolated one with the first."""

    def __init__(self, place: Path) -> None:
        self.connected = CacheMaker(place / "connected")
        self.isolated = CacheMaker(place / "isolated")
        self.stick = place / "stick"
        self.first = self.connected.add("org/name", FILES, refs=())
        self.second = self.connected.add("org/name", NEWER)
        self.isolated.add("org/name", FILES, commit=self.first)
        with open_library([self.isolated.root]) as library:
            self.holdings = library.archives.holdings(name="site B")

    def plan(self, *keys: str, split: int | None = None) -> BundlePlan:
        with open_library([self.connected.root]) as library:
            selected = library.choose(keys or ["org/name"])
            options = ArchiveOptions(split=split)
            return library.archives.plan_bundle(selected, self.stick, self.holdings, options=options)

    def bundle(self, *keys: str, split: int | None = None) -> BundlePlan:
        plan = self.plan(*keys, split=split)
        with open_library([self.connected.root]) as library:
            assert not library.archives.bundle(plan).failures
        return plan

    def planned(self, library: Library, *sources: Path) -> ImportItem:
        before = tree_of(self.isolated.root)
        [item] = library.archives.plan_import(sources or [self.stick]).items
        assert tree_of(self.isolated.root) == before, "planning changed the cache"
        return item


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    return Sites(tmp_path)


@pytest.fixture
def isolated(sites: Sites) -> Iterator[Library]:
    with open_library([sites.isolated.root]) as library:
        yield library


def imported(library: Library, *sources: Path) -> None:
    plan = library.archives.plan_import(sources)
    assert not plan.problems
    assert not library.archives.run_import(plan).failures
    assert not (Path(library.roots[0]) / ".modelkeep").exists()


def packed(sites: Sites) -> set[str]:
    [archive] = sites.stick.glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        return {name.split("/", 1)[1] for name in opened.namelist()}


def test_only_what_the_other_side_lacks_is_packed_and_all_of_it_is_proven(sites: Sites) -> None:
    plan = sites.bundle()
    [item] = plan.export.items
    assert (item.files, plan.saved) == (2, sum(len(FILES[f.name]) for f in item.absent))
    assert packed(sites) == {
        "model_metadata.json",
        "SHA256SUMS",
        "model/config.json",
        "model/new.txt",
    }
    [archive] = sites.stick.glob("*.zip")
    with zipfile.ZipFile(archive) as opened:
        metadata = ModelMetadata.parse(opened.read("org_2fname/model_metadata.json"))
        sums = opened.read("org_2fname/SHA256SUMS").decode()
    assert {line.split("  ")[1] for line in sums.splitlines()} == {
        "model_metadata.json",
        *(f"model/{name}" for name in NEWER),
    }
    assert f"{sha256(WEIGHTS)}  model/model.safetensors" in sums
    absent = Absent.parse(metadata.unknown["modelkeepAbsent"])
    assert {file.name: file.etag for file in absent.files} == {
        name: ETAGS[name] for name in FILES if name != "config.json"
    }
    assert absent.inventory == sites.holdings.id


def test_import_joins_it_with_what_is_there(sites: Sites, isolated: Library) -> None:
    sites.bundle()
    item = sites.planned(isolated)
    assert item.action is Action.ADD_REVISION
    assert {file.name for file in item.joins} == FILES.keys() - {"config.json"}
    assert item.bytes_needed == len(NEWER["config.json"]) + len(NEWER["new.txt"])
    imported(isolated, sites.stick)
    assert loaded(sites.isolated.root) == NEWER
    [model] = scan(sites.isolated.root).models
    assert model.state is State.WHOLE
    assert {r.commit for r in model.revisions} == {sites.first, sites.second}
    # And it leaves again as a whole model, without a word of what was once left out.
    done = isolated.archives.export(
        isolated.archives.plan_export(isolated.choose(["org/name"]), sites.stick.with_name("again.zip"))
    )
    with zipfile.ZipFile(done.archives[0].paths[0]) as opened:
        assert "modelkeepAbsent" not in json.loads(opened.read("org_2fname/model_metadata.json"))
        assert opened.read("org_2fname/model/model.safetensors") == WEIGHTS


def test_a_content_of_another_model_need_not_be_carried(tmp_path: Path) -> None:
    sites = Sites(tmp_path)
    sites.connected.add("org/other", {"copy.safetensors": WEIGHTS, "config.json": b"{}"})
    sites.bundle("org/other")
    with open_library([sites.isolated.root]) as library:
        imported(library, sites.stick)
    assert loaded(sites.isolated.root, "org/other") == {"copy.safetensors": WEIGHTS, "config.json": b"{}"}
    one, two = (sites.isolated.folder(name) / "blobs" / sha256(WEIGHTS) for name in ("org/name", "org/other"))
    assert one.samefile(two)


def test_what_is_there_as_it_is_is_not_packed(sites: Sites) -> None:
    sites.isolated.add("org/name", NEWER, commit=sites.second)
    with open_library([sites.isolated.root]) as library:
        sites.holdings = library.archives.holdings()
    plan = sites.plan()
    assert not plan.export.items
    assert [held.commit for held in plan.held] == [sites.second]
    assert plan.saved == sum(map(len, NEWER.values()))


def test_a_model_of_which_all_files_are_there_is_put_together(tmp_path: Path) -> None:
    sites = Sites(tmp_path)
    sites.connected.add("org/fork", FILES)
    [item] = sites.bundle("org/fork").export.items
    assert (item.files, item.content) == (0, 0)
    with open_library([sites.isolated.root]) as library:
        imported(library, sites.stick)
    assert loaded(sites.isolated.root, "org/fork") == FILES


def test_a_ref_that_leads_elsewhere_there_is_carried(sites: Sites, isolated: Library) -> None:
    sites.isolated.add("org/name", NEWER, commit=sites.second, refs=())
    isolated.refresh()
    sites.holdings = isolated.archives.holdings()
    sites.bundle()
    imported(isolated, sites.stick)
    assert loaded(sites.isolated.root) == NEWER


def test_without_an_inventory_all_of_it_is_packed(sites: Sites) -> None:
    with open_library([sites.connected.root]) as library:
        plan = library.archives.plan_bundle(library.choose(["org/name"]), sites.stick)
        assert not library.archives.bundle(plan).failures
    assert {f"model/{name}" for name in NEWER} < packed(sites)
    assert plan.saved == 0


def test_volumes_are_joined_too(sites: Sites, isolated: Library) -> None:
    plan = sites.bundle(split=700)
    assert plan.volumes > 1
    imported(isolated, sites.stick)
    assert loaded(sites.isolated.root) == NEWER


# ---- what is not there, or not right


def test_what_is_nowhere_is_named_and_nothing_is_half_there(sites: Sites, isolated: Library) -> None:
    sites.connected.add("org/other", {"a.txt": b"a"})
    sites.bundle("org/name", "org/other")
    (sites.isolated.folder("org/name") / "blobs" / ETAGS["model.safetensors"]).unlink()
    (sites.isolated.folder("org/name") / "snapshots" / sites.first / "model.safetensors").unlink()
    before = tree_of(sites.isolated.folder("org/name"))
    plan = isolated.archives.plan_import([sites.stick])
    [name, _] = plan.items
    assert (name.action, name.lacking) == (Action.REFUSED, ("model.safetensors",))
    assert "model.safetensors" in name.problem
    assert "“site B”" in name.hint
    assert sites.holdings.id in name.hint
    [failed, done] = isolated.archives.run_import(plan).items
    assert isinstance(failed.error, ArchiveError)
    assert done.error is None
    assert tree_of(sites.isolated.folder("org/name")) == before
    assert loaded(sites.isolated.root, "org/other") == {"a.txt": b"a"}


def test_what_is_damaged_there_is_not_believed(sites: Sites, isolated: Library) -> None:
    sites.bundle()
    blob = sites.isolated.folder("org/name") / "blobs" / ETAGS["model.safetensors"]
    blob.write_bytes(WEIGHTS[::-1])
    plan = isolated.archives.plan_import([sites.stick])
    [done] = isolated.archives.run_import(plan).items
    assert "model.safetensors" in str(done.error)
    assert not (sites.isolated.folder("org/name") / "snapshots" / sites.second).exists()
    assert not (sites.isolated.root / ".modelkeep").exists()
    # Another place has it whole: then that is taken, and what was damaged is mended with it.
    sites.isolated.add("org/copy", {"model.safetensors": WEIGHTS})
    isolated.refresh()
    imported(isolated, sites.stick)
    assert loaded(sites.isolated.root) == NEWER
    assert blob.read_bytes() == WEIGHTS


def test_what_is_gone_since_the_plan_is_missed(sites: Sites, isolated: Library) -> None:
    sites.bundle()
    plan = isolated.archives.plan_import([sites.stick])
    (sites.isolated.folder("org/name") / "blobs" / ETAGS["README.md"]).unlink()
    [done] = isolated.archives.run_import(plan).items
    assert "README.md" in str(done.error)
    assert not (sites.isolated.folder("org/name") / "snapshots" / sites.second).exists()


def test_other_roots_and_copies_without_links_have_it_too(sites: Sites, tmp_path: Path) -> None:
    sites.bundle()
    shutil.rmtree(sites.isolated.folder("org/name"))
    elsewhere = CacheMaker(tmp_path / "elsewhere")
    elsewhere.add("org/name", FILES, commit=sites.first, linked=False)
    before = tree_of(elsewhere.root)
    with open_library([sites.isolated.root, elsewhere.root]) as library:
        item = sites.planned(library)
        assert {file.present for file in item.joins} == {"other-root"}
        assert item.bytes_needed == sum(map(len, NEWER.values()))
        plan = choose([library.archives.plan_import([sites.stick])])
        assert plan.bytes_needed == item.bytes_needed
        assert not library.archives.run_import(plan).failures
    assert loaded(sites.isolated.root) == NEWER
    assert tree_of(elsewhere.root) == before
    blob = sites.isolated.folder("org/name") / "blobs" / ETAGS["model.safetensors"]
    assert blob.stat().st_nlink == 1


def test_the_attributes_that_are_left_out_say_what_is_lfs(tmp_path: Path) -> None:
    odd = {".gitattributes": b"*.txt filter=lfs\n", "a.txt": b"old", "b.json": b"{}"}
    new = odd | {"a.txt": b"new"}
    sites = Sites(tmp_path)
    first = sites.connected.add("org/odd", odd, refs=())
    sites.connected.add("org/odd", new)
    sites.isolated.add("org/odd", odd, commit=first)
    with open_library([sites.isolated.root]) as library:
        sites.holdings = library.archives.holdings()
        sites.bundle("org/odd")
        item = sites.planned(library)
    assert [file.name for file in item.files if not file.absent] == ["a.txt"]
    assert [file.lfs for file in item.files if not file.absent] == [True]


def test_a_list_that_says_otherwise_is_refused(sites: Sites, isolated: Library) -> None:
    sites.bundle()
    [archive] = sites.stick.glob("*.zip")
    folder = sites.stick.with_name("unpacked")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    sums = folder / "org_2fname" / "SHA256SUMS"
    text = sums.read_text()
    sums.write_text(text.replace(sha256(WEIGHTS), "0" * 64))
    assert "say different things of model.safetensors" in sites.planned(isolated, folder).problem
    sums.unlink()
    assert "say different things of" in sites.planned(isolated, folder).problem


def test_a_file_that_was_put_in_since_is_taken(sites: Sites) -> None:
    sites.bundle()
    [archive] = sites.stick.glob("*.zip")
    folder = sites.stick.with_name("unpacked")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    for name, content in NEWER.items():
        path = folder / "org_2fname" / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    root = sites.stick.with_name("empty")
    with open_library([root]) as library:
        imported(library, folder)
    assert loaded(root) == NEWER


def test_mending_takes_what_it_needs_from_it(sites: Sites, isolated: Library) -> None:
    sites.bundle()
    imported(isolated, sites.stick)
    bad = sites.isolated.folder("org/name") / "blobs" / git_sha1(NEWER["new.txt"])
    bad.write_bytes(NEWER["new.txt"][::-1])
    found = isolated.trust.check(isolated.choose(["org/name"]))
    plan = isolated.trust.plan_mending(found, archives=[sites.stick])
    assert [item.name for item in plan.mendable] == ["new.txt"]
    isolated.trust.mend(plan)
    assert loaded(sites.isolated.root) == NEWER


# ---- killed


IMPORT = """
import os, signal, sys
from modelkeep import open_library
from modelkeep.progress import Progress
def die(progress):
    if progress.done > int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
with open_library([sys.argv[2], sys.argv[4]]) as library:
    plan = library.archives.plan_import([sys.argv[1]])
    library.archives.run_import(plan, report=die)
"""


@pytest.mark.parametrize("after", [0, 2 << 20, 9 << 20, 15 << 20])
def test_a_kill_leaves_nothing_half_visible_and_what_was_copied(tmp_path: Path, after: int) -> None:
    weights = {f"{n}.safetensors": os.urandom(4 << 20) for n in range(4)}
    connected, elsewhere = CacheMaker(tmp_path / "connected"), CacheMaker(tmp_path / "elsewhere")
    isolated, stick = tmp_path / "isolated", tmp_path / "stick"
    connected.add("org/name", weights | {".gitattributes": FILES[".gitattributes"]})
    elsewhere.add("org/other", weights)
    with open_library([elsewhere.root]) as library:
        held = library.archives.holdings()
    with open_library([connected.root]) as library:
        plan = library.archives.plan_bundle(library.choose(["org/name"]), stick, held)
        assert not library.archives.bundle(plan).failures
    arguments = [str(stick), str(isolated), str(after), str(elsewhere.root)]
    killed = subprocess.run([sys.executable, "-c", IMPORT, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (isolated / "models--org--name").exists()
    with open_library([isolated, elsewhere.root]) as library:
        [left] = library.archives.leftovers()
        assert not library.archives.resume(left, str(isolated)).failures
    assert loaded(isolated) == weights | {".gitattributes": FILES[".gitattributes"]}
    assert not (isolated / ".modelkeep").exists()


# ---- the list of what is left out


def test_the_largest_are_left_out_first_and_the_metadata_stays_readable() -> None:
    files = [AbsentFile(f"{'ü' * 100}/{n:05}.bin", n, "a" * 64, "a" * 64) for n in range(5000)]
    chosen = left_out(files)
    assert 1000 < len(chosen) < 5000
    assert min(file.size for file in chosen) == 5000 - len(chosen)
    field = Absent(chosen, "0" * 16, "2026-11-21T18:00:00Z").to_field()
    assert len(json.dumps(field, indent=2, ensure_ascii=False).encode()) < MAX_METADATA


_VALUE = st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["a" * 64, "b" * 40, "../x", "x"])


@given(st.dictionaries(st.sampled_from(["path", "size", "etag", "sha256"]), _VALUE), _VALUE)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_said_to_be_left_out_is_read_or_refused(entry: object, other: object) -> None:
    for field in (entry, {"files": [entry]}, {"files": [entry], "name": other}, {"files": other}):
        try:
            absent = Absent.parse(field)
        except ArchiveError:
            continue
        assert all(".." not in file.name.split("/") for file in absent.files)
        assert Absent.parse(absent.to_field()) == absent


# ---- end to end

LOADS = """
import json, os, socket, sys
socket.socket.connect = None
from transformers import AutoModel, AutoTokenizer
model = AutoModel.from_pretrained("org/tiny")
print(json.dumps([type(model).__name__, float(model.embeddings.word_embeddings.weight.sum())]))
"""


def test_the_isolated_site_loads_the_second_version(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    first = tiny_bert_files({".gitattributes": FILES[".gitattributes"]})
    config = json.loads(first["config.json"]) | {"note": "the second"}
    second = first | {"config.json": json.dumps(config).encode(), "README.md": b"# Version 2\n"}
    connected, isolated = CacheMaker(tmp_path / "a" / "hub"), CacheMaker(tmp_path / "b" / "hub")
    old = connected.add("org/tiny", first, refs=())
    new = connected.add("org/tiny", second)
    isolated.add("org/tiny", first, commit=old)
    with open_library([isolated.root]) as library:
        (tmp_path / "here.json").write_bytes(library.archives.holdings().to_json())
    with open_library([connected.root]) as library:
        from modelkeep.archive.holdings import read_holdings

        held = read_holdings(tmp_path / "here.json")
        plan = library.archives.plan_bundle(library.choose(["org/tiny"]), tmp_path / "stick", held)
        assert not library.archives.bundle(plan).failures
    changed = [name for name in second if first.get(name) != second[name]]
    [item] = plan.export.items
    assert item.content == sum(len(second[name]) for name in changed)
    with open_library([isolated.root]) as library:
        imported(library, tmp_path / "stick")
    assert (isolated.folder("org/tiny") / "refs" / "main").read_text() == new
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "b")}
    process = subprocess.run(
        [sys.executable, "-c", LOADS], env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)[0] == "BertModel"
