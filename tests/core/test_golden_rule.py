"""The golden rule over generated caches: Modelkeep, the Hub's client and accidents work on one cache in turns.

`MODELKEEP_GOLDEN_EXAMPLES=2000 pytest tests/core/test_golden_rule.py` looks longer, and each time elsewhere.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download
from huggingface_hub.cli.cache import prune
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import disable_progress_bars, enable_progress_bars
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from modelkeep.cache import trash
from modelkeep.cache.deletion import Target, execute_deletion, plan_deletion
from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision
from modelkeep.cache.scan import scan
from modelkeep.cache.trash_journal import entry_names
from modelkeep.checking.quarantine import plan_quarantine
from modelkeep.doctor.examine import examine
from modelkeep.doctor.findings import PROBLEMS, Repair, plan_repair
from modelkeep.doctor.repair import RepairResult, repair
from modelkeep.errors import ModelKeepError
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from modelkeep.rows import Selection
from support.caches import CacheMaker, sha256
from support.golden import (
    COMMITS,
    COMMON,
    MODELS,
    Key,
    agree,
    end_before_step,
    hub,
    later,
    loads,
    photograph,
    still_loads,
    usage,
    write_archives,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process is forked for each kill")

EXAMPLES = int(os.environ.get("MODELKEEP_GOLDEN_EXAMPLES", "0"))
REVISIONS = [(key, number) for key, revisions in MODELS.items() for number in range(len(revisions))]
MENDABLE = [name for name, known in PROBLEMS.items() if known.repair is not Repair.NONE]

picks = st.integers(0, 1000)
# A disk and the memory count blocks in other ways.
PLACES = [tempfile.gettempdir(), *(["/dev/shm"] if os.access("/dev/shm", os.W_OK) else [])]

revisions = st.sampled_from(REVISIONS)
keys = st.sampled_from(list(MODELS))
sometimes = st.sampled_from([False, False, True])

T = TypeVar("T")


def one_of(found: Sequence[T], pick: int) -> T | None:
    return found[pick % len(found)] if found else None


def blocks(path: str) -> int:
    return os.lstat(path).st_blocks * 512 if os.path.lexists(path) else 0


def killed(do: Callable[[], object], step: int, below: Path) -> bool:
    """Whether a process that does it was killed before that step, rather than having ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            end_before_step(step, below)
            do()
            status = 0
        finally:
            os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9)
    return code == 9


def freed_of_locks(result: RepairResult) -> int:
    """What `usage` does not count."""
    return sum(one.freed for one in result.items if one.finding.problem.endswith("-lock"))


def nothing(key: Key, commit: str, file: str) -> bool:
    return False


@dataclass
class Operation:
    """Something that Modelkeep does. `may`, `moves`: see `still_loads`. `check` gets what the disk held before it."""

    do: Callable[[Library], Any]
    may: Callable[[Key, str, str], bool] = nothing
    moves: Sequence[tuple[Key, str]] = ()
    check: Callable[[int, Any], None] = lambda before, result: None


class GoldenRule(RuleBasedStateMachine):
    """One cache, a second one that has all models whole, and a hub."""

    endpoint: str
    archives: dict[tuple[Key, int, bool], Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self.backs: dict[str, dict[str, str]] = {}
        """What has to come back with an entry of the trash: digests by path."""
        self.spoiled: set[str] = set()
        """Digests of contents that were changed in place, and with them all their names."""
        self.poor: set[str] = set()
        """Lists of users of shared contents that lost a line."""

    def teardown(self) -> None:
        if self.folder is None:
            return
        try:
            self.do(self.repairing_all())
            self.settle()
        finally:
            self.library.close()
            shutil.rmtree(self.folder)

    # ---- doing and asking

    def do(self, operation: Operation | None) -> Any:
        if operation is None:
            return None
        before, took = loads(self.root), usage(self.root)
        try:
            result = operation.do(self.library)
        except ModelKeepError as error:
            note(f"refused: {error}")
            result = None
        still_loads(before, loads(self.root), operation.may, operation.moves)
        if result is not None:
            operation.check(took, result)
        agree(self.root)
        return result

    def settle(self) -> None:
        """What is wrong by now one repair mends, and a second one has nothing to do."""
        found = examine(self.root, now=later())
        plan = plan_repair(found.inventory, found.findings, ["interrupted-import"], everything=True)
        if plan.findings:
            result = repair(plan, now=later())
            assert [one for one in result.items if one.error] == []
        again = examine(self.root, now=later())
        plan = plan_repair(again.inventory, again.findings, ["interrupted-import"], everything=True)
        assert plan.findings == ()
        # What is staged goes with its transfer.
        assert [path for path in self.root.rglob("*.tmp") if "staging" not in path.parts] == []

    def inventory(self) -> dict[Key, CachedModel]:
        self.library.refresh()
        models = self.library.inventory(self.root).models
        return {Key(model.repo_type, model.repo_id): model for model in models}

    def pick_revision(self, pick: int) -> tuple[Key, CachedRevision] | None:
        return one_of(
            [(key, one) for key, model in self.inventory().items() for one in model.revisions], pick
        )

    def pick_file(self, pick: int) -> tuple[Key, CachedRevision, CachedFile] | None:
        found = self.inventory().items()
        return one_of([(k, r, f) for k, model in found for r in model.revisions for f in r.files], pick)

    @initialize(
        place=st.sampled_from(PLACES),
        here=st.lists(revisions, min_size=2, max_size=6),
        shared=st.lists(st.tuples(keys, picks), max_size=3),
    )
    def begin(self, place: str, here: list[tuple[Key, int]], shared: list[tuple[Key, int]]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="golden-", dir=place)).resolve()
        os.environ["MODELKEEP_HOME"] = str(self.folder / "home")
        os.environ["HF_ENDPOINT"] = self.endpoint
        self.root = self.folder / "hub"
        self.cache = CacheMaker(self.root)
        self.other = self.folder / "other"
        self.library = open_library([self.root, self.other])
        for which in here:
            self.appear(which, True, True, "main")
        for key, pick in shared:
            self.share(key, pick)

    # ---- by Modelkeep

    def importing(self, which: tuple[Key, int], some: bool, replace: bool) -> Operation:
        key, number = which
        commit = COMMITS[key][number]
        source = self.archives[key, number, some]

        def do(library: Library) -> Any:
            library.refresh()
            return library.archives.run_import(
                library.archives.plan_import([source], str(self.root), replace=replace)
            )

        return Operation(
            do,
            lambda k, c, file: (k, c) == (key, commit) and bool(file) and replace,
            [(key, "main")],
        )

    def downloading(self, which: tuple[Key, int], by_commit: bool, some: bool) -> Operation | None:
        key, number = which
        name = f"{key.text}@{COMMITS[key][number]}" if by_commit else key.text
        if key.type != "model":
            return None

        def do(library: Library) -> Any:
            library.refresh()
            plan = library.hubs.plan_download(name, root=str(self.root), everything=not some)
            return library.hubs.download(plan)

        return Operation(do, moves=[(key, "main")])

    def deleting(self, wanted: Sequence[tuple[int, str]], permanently: bool, force: bool) -> Operation | None:
        """`wanted`: what is picked, and how much of it."""
        chosen: list[Selection] = []
        about: set[tuple[Key, str]] = set()
        for pick, what in wanted:
            found = self.pick_file(pick) if what == "file" else self.pick_revision(pick)
            if found is None:
                continue
            key, revision = found[:2]
            text = key.text if what == "model" else f"{key.text}@{revision.commit}"
            files = (found[2].name,) if len(found) == 3 else ()
            chosen.append(Selection(str(self.root), text, files))
            about.add((key, "" if what == "model" else revision.commit))
        if not chosen:
            return None

        def do(library: Library) -> Any:
            library.refresh()
            return library.delete(library.plan_deletion(chosen, permanently=permanently), force=force)

        def check(before: int, results: Any) -> None:
            [result] = results
            gained = before - usage(self.root)
            note(f"{result}")
            assert result.freed == result.promised
            assert gained == (result.freed if permanently else 0)

        return Operation(do, lambda k, c, file: (k, c) in about or (k, "") in about, check=check)

    def emptying(self, pick: int | None) -> Operation | None:
        entries = [(str(self.root), name) for name in entry_names(str(self.root))]
        if not entries:
            return None
        if pick is not None:
            entries = [entries[pick % len(entries)]]
        promised = trash.frees(self.root.as_posix(), [name for _, name in entries])

        def check(before: int, emptied: Any) -> None:
            assert [one.error for one in emptied if one.error] == []
            gained = before - usage(self.root)
            assert sum(one.freed for one in emptied) == gained
            assert promised == gained

        return Operation(lambda library: library.empty_trash(entries), check=check)

    def restoring(self, pick: int) -> Operation | None:
        entry = one_of(entry_names(str(self.root)), pick)
        if entry is None:
            return None

        def check(before: int, restored: Any) -> None:
            [one] = restored
            note(f"{one}")
            assert before == usage(self.root) or one.kept or one.error
            back = self.backs.pop(entry, {})
            if not one.error:
                here = {name: what[0] for name, what in photograph(self.root).items()}
                for name, digest in back.items():
                    if digest not in self.spoiled and f"{self.root}/{name}" not in one.kept:
                        assert here.get(name) == digest, f"{name} did not come back"

        return Operation(lambda library: library.restore([(str(self.root), entry)]), check=check)

    def setting_ref(self, pick: int, ref: str) -> Operation | None:
        found = self.pick_revision(pick)
        if found is None:
            return None
        key, revision = found
        if (key, revision.commit) not in loads(self.root):
            return None  # whoever wants that gets it
        return Operation(
            lambda library: library.hubs.set_ref(str(self.root), key.text, ref, revision.commit),
            moves=[(key, ref)],
        )

    def repairing_all(self, emptied: bool = False) -> Operation:
        return self.repairing([], True, emptied)

    def repairing(self, problems: Sequence[str], everything: bool, emptied: bool) -> Operation:
        grown: dict[str, int] = {}

        def do(library: Library) -> Any:
            found = examine(self.root, now=later())
            plan = plan_repair(found.inventory, found.findings, problems, everything=everything)
            note(f"repair {[(one.problem, one.path) for one in plan.findings]}")
            grown.update({one.path: blocks(one.path) for one in found.findings if one.path.endswith(".refs")})
            result = repair(plan, now=later())
            if emptied:
                trash.empty(self.root, result.entries)
            return result

        def check(before: int, result: RepairResult) -> None:
            assert [one for one in result.items if one.error] == []
            assert result.freed == result.promised
            if emptied:
                # A list of users that was wrong may take a block more when it is right.
                written = sum(blocks(path) - size for path, size in grown.items())
                assert result.freed - freed_of_locks(result) - written == before - usage(self.root)

        return Operation(do, check=check)

    def mending(self) -> Operation:
        bad: set[tuple[Key, str, str]] = set()

        def do(library: Library) -> Any:
            library.refresh()
            models = library.inventory(self.root).models
            if not models:
                return None
            found = library.trust.check([Selection(str(self.root), str(model.key)) for model in models])
            plan = library.trust.plan_mending(found)
            for item in plan.mendable:
                key = Key(item.key.repo_type, item.key.repo_id)
                bad.update((key, commit, item.name) for commit in COMMITS[key])
                bad.update((key, commit, name) for commit in COMMITS[key] for name in item.others)
            return library.trust.mend(plan)

        def check(before: int, result: Any) -> None:
            assert result.failures == ()

        return Operation(do, lambda k, c, file: (k, c, file) in bad, check=check)

    def quarantining(self) -> Operation:
        about: set[tuple[Key, str]] = set()

        def do(library: Library) -> Any:
            library.refresh()
            inventory = library.inventory(self.root)
            chosen = [Selection(str(self.root), str(model.key)) for model in inventory.models]
            plan = plan_quarantine(inventory, library.trust.check(chosen, deep=True))
            about.update(
                (Key(one.key.repo_type, one.key.repo_id), str(one.key.revision)) for one in plan.items
            )
            return library.delete([plan])

        def check(before: int, results: Any) -> None:
            assert [one.freed for one in results] == [one.promised for one in results]

        return Operation(do, lambda k, c, file: (k, c) in about, check=check)

    @rule(which=revisions, some=sometimes, replace=sometimes)
    def import_an_archive(self, which: tuple[Key, int], some: bool, replace: bool) -> None:
        self.do(self.importing(which, some, replace))

    @rule(which=revisions, by_commit=sometimes, some=sometimes)
    def download(self, which: tuple[Key, int], by_commit: bool, some: bool) -> None:
        self.do(self.downloading(which, by_commit, some))

    wanted = st.lists(
        st.tuples(picks, st.sampled_from(["model", "revision", "file", "file"])), min_size=1, max_size=3
    )

    @rule(wanted=wanted, permanently=st.booleans(), force=sometimes)
    def delete(self, wanted: list[tuple[int, str]], permanently: bool, force: bool) -> None:
        before = photograph(self.root)
        results = self.do(self.deleting(wanted, permanently, force))
        after = photograph(self.root)
        for entry in results[0].entries if results and len(results[0].entries) == 1 else ():
            self.backs[entry] = {
                name: str(what[0])
                for name, what in before.items()
                if name not in after and not name.startswith("blobs/")
            }

    @rule(wanted=wanted)
    def delete_and_restore(self, wanted: list[tuple[int, str]]) -> None:
        before = photograph(self.root)
        operation = self.deleting(wanted, False, True)
        if operation is None:
            return
        results = self.do(operation)
        if not results:
            return
        entries = [(str(self.root), entry) for entry in results[0].entries]
        restored = self.library.restore(entries)
        assert [one.error for one in restored if one.error] == []
        after = photograph(self.root)
        # A list of users that had lost a line has it again.
        assert {n: w for n, w in after.items() if n not in self.poor} == {
            n: w for n, w in before.items() if n not in self.poor
        }

    @rule(pick=st.none() | picks)
    def empty(self, pick: int | None) -> None:
        self.do(self.emptying(pick))

    @rule(pick=picks)
    def restore(self, pick: int) -> None:
        self.do(self.restoring(pick))

    @rule(pick=picks, ref=st.sampled_from(["main", "v1"]))
    def set_ref(self, pick: int, ref: str) -> None:
        self.do(self.setting_ref(pick, ref))

    @rule(key=keys, pinned=st.booleans())
    def pin(self, key: Key, pinned: bool) -> None:
        if key in self.inventory():
            self.library.set_pinned([Selection(str(self.root), key.text)], pinned)

    @rule(emptied=st.booleans())
    def repair_all(self, emptied: bool) -> None:
        self.do(self.repairing_all(emptied))

    @rule(problem=st.sampled_from(MENDABLE), emptied=st.booleans())
    def repair_by_name(self, problem: str, emptied: bool) -> None:
        self.do(self.repairing([problem], False, emptied))

    @rule(deep=st.booleans(), pick=picks)
    def verify_and_export(self, deep: bool, pick: int) -> None:
        before = photograph(self.root)
        found = self.pick_revision(pick)
        if found is not None:
            self.library.trust.check(deep=deep)
            chosen = [Selection(str(self.root), f"{found[0].text}@{found[1].commit}")]
            try:
                target = Path(tempfile.mkdtemp(dir=self.folder))
                self.library.archives.export(self.library.archives.plan_export(chosen, target))
            except ModelKeepError as error:
                note(f"refused: {error}")
        assert photograph(self.root) == before

    @rule(quarantine=sometimes, pick=picks)
    def look_after_damage(self, quarantine: bool, pick: int) -> None:
        if not self.other.exists():
            other = CacheMaker(self.other)
            for key, number in REVISIONS:
                other.add(key.id, MODELS[key][number], commit=COMMITS[key][number], repo_type=key.type)
        self.do(self.quarantining() if quarantine else self.mending())

    # ---- by the Hub's client

    def let(self, client: Callable[[], object]) -> None:
        """What it cannot do in such a cache is its own matter."""
        try:
            client()
        except (OSError, ValueError, HfHubHTTPError) as error:
            note(f"the Hub's client: {type(error).__name__} {error}")
        agree(self.root)

    @rule(
        which=revisions,
        by_commit=st.booleans(),
        some=st.sampled_from([None, None, "*.json", "*.bin"]),
        dry_run=sometimes,
    )
    def fetch_by_client(
        self, which: tuple[Key, int], by_commit: bool, some: str | None, dry_run: bool
    ) -> None:
        key, number = which
        self.let(
            lambda: snapshot_download(
                key.id,
                repo_type=key.type,
                revision=COMMITS[key][number] if by_commit else None,
                allow_patterns=some,
                dry_run=dry_run,
                cache_dir=self.root,
                endpoint=self.endpoint,
                token=False,
            )
        )

    @rule(which=revisions, pick=picks)
    def fetch_one_by_client(self, which: tuple[Key, int], pick: int) -> None:
        key, number = which
        name = one_of(list(MODELS[key][number]), pick)
        assert name
        self.let(
            lambda: hf_hub_download(
                key.id,
                name,
                repo_type=key.type,
                revision=COMMITS[key][number],
                cache_dir=self.root,
                endpoint=self.endpoint,
                token=False,
            )
        )

    @rule(pick=picks, whole=st.booleans())
    def delete_by_client(self, pick: int, whole: bool) -> None:
        info = scan_cache_dir(self.root)
        found = sorted(
            (one for repo in info.repos for one in repo.revisions), key=lambda one: one.commit_hash
        )
        revision = one_of(found, pick)
        if revision is None:
            return
        if whole:
            info.delete_revisions(revision.commit_hash).execute()
        else:
            info.delete_files(*sorted(revision.files, key=lambda file: file.file_path)[:1]).execute()
        agree(self.root)

    @rule()
    def prune_by_client(self) -> None:
        with redirect_stdout(None):
            prune(cache_dir=str(self.root), yes=True, dry_run=False)
        agree(self.root)

    # ---- by nature

    @rule(
        which=revisions,
        linked=st.sampled_from([True, True, False]),
        tree=st.booleans(),
        ref=st.sampled_from(["main", "v1", ""]),
    )
    def appear(self, which: tuple[Key, int], linked: bool, tree: bool, ref: str) -> None:
        key, number = which
        files, commit = MODELS[key][number], COMMITS[key][number]
        repo = self.root / key.folder
        if (repo / "snapshots" / commit).exists() or any(
            path.is_symlink() and not path.exists() for path in (repo / "blobs").glob("*")
        ):
            return
        refs = (ref,) if ref else ()
        self.cache.add(key.id, files, commit=commit, repo_type=key.type, linked=linked, tree=tree, refs=refs)

    @rule(key=keys, pick=picks)
    def share(self, key: Key, pick: int) -> None:
        """As the Hub's client does with what came by Xet."""
        contents = {sha256(content): content for files in MODELS[key] for content in files.values()}
        blobs = sorted((self.root / key.folder / "blobs").glob("*"))
        blob = one_of([one for one in blobs if one.name in contents and not one.is_symlink()], pick)
        if blob is not None and sha256(blob.read_bytes()) == blob.name:
            self.cache.share(key.id, contents[blob.name], repo_type=key.type)

    @rule(pick=picks, other=picks)
    def link_hard(self, pick: int, other: int) -> None:
        """As an import of ours does with a content that another model has."""
        blobs = [
            path for path in sorted(self.root.glob("*/blobs/*")) if path.is_file() and len(path.name) == 64
        ]
        one = one_of(blobs, pick)
        if one is None:
            return
        others = [path for path in blobs if path.name == one.name and path != one and not path.is_symlink()]
        second = one_of(others, other)
        if second and sha256(one.read_bytes()) == one.name and not second.samefile(one):
            second.unlink()
            os.link(one.resolve(), second)

    @rule(pick=picks)
    def copy(self, pick: int) -> None:
        """As a client does that may not make links."""
        found = self.pick_file(pick)
        if found and found[2].linked and found[2].blob:
            path = Path(found[2].path)
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)

    @rule(pick=picks, how=st.sampled_from(["flip", "cut", "remove"]))
    def damage(self, pick: int, how: str) -> None:
        found = self.pick_file(pick)
        if found is None or found[2].blob is None:
            return
        blob = Path(found[2].blob.payload if how == "flip" else found[2].blob.path)
        if how == "remove":
            blob.unlink()
            return
        content = blob.read_bytes()
        self.spoiled.add(sha256(content))
        if how == "flip":
            blob.chmod(0o644)
            blob.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        else:
            os.truncate(blob, len(content) // 2)

    @rule(key=keys, pick=picks, what=st.integers(0, 9))
    def leave_something(self, key: Key, pick: int, what: int) -> None:
        """What crashes, other programs and bad luck leave behind."""
        repo = self.root / key.folder
        commit = f"{pick:040x}"
        if what == 0:
            path = self.root / ".locks" / key.folder / f"{pick:064x}.lock"
        elif what in (1, 2):
            path = repo / "blobs" / f"{pick:064x}"
        elif what == 3:
            path = repo / "blobs" / f"{pick:064x}.0123abcd.incomplete"
        elif what == 4:
            path = repo / "trees" / f"{commit}.json"
        elif what == 5:
            path = repo / ".no_exist" / commit / "adapter.json"
        else:
            path = repo / "refs" / ("main" if what in (6, 7) else "v1")
        path.parent.mkdir(parents=True, exist_ok=True)
        if what == 0:
            path.touch()
        elif path.parent.name == "refs":
            now = path.read_text().strip() if path.exists() else commit
            path.write_text(f"{now}\n" if what == 6 else commit)
        else:
            path.write_bytes(b"x" * (pick * 13))

    @rule(pick=picks)
    def break_a_list(self, pick: int) -> None:
        if path := one_of(sorted(self.root.glob("*/trees/*.json")), pick):
            path.write_text("{")

    @rule(pick=picks)
    def lose_a_manifest_line(self, pick: int) -> None:
        if path := one_of(sorted(self.root.glob("blobs/*/*.refs")), pick):
            path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
            self.poor.add(os.path.relpath(path, self.root))

    # ---- a kill in the middle

    steps = st.integers(0, 60)

    @rule(
        what=st.sampled_from(["import", "download", "mend"]), which=revisions, flag=st.booleans(), step=steps
    )
    def kill_what_brings(self, what: str, which: tuple[Key, int], flag: bool, step: int) -> None:
        self.kill(what, which, [], flag, step)

    @rule(wanted=wanted, permanently=sometimes, step=steps)
    def kill_a_deletion(self, wanted: list[tuple[int, str]], permanently: bool, step: int) -> None:
        self.kill("delete", REVISIONS[0], wanted, permanently, step)

    @rule(
        what=st.sampled_from(["empty", "restore", "set-ref", "repair"]),
        pick=picks,
        flag=st.booleans(),
        step=steps,
    )
    def kill_what_else(self, what: str, pick: int, flag: bool, step: int) -> None:
        self.kill(what, REVISIONS[0], [(pick, "")], flag, step)

    def again(self, operation: Operation) -> None:
        """Do it with a library of its own, as another process has."""
        with suppress(ModelKeepError), open_library([self.root, self.other]) as library:
            operation.do(library)

    def kill(
        self, what: str, which: tuple[Key, int], wanted: list[tuple[int, str]], flag: bool, step: int
    ) -> None:
        pick = wanted[0][0] if wanted else 0
        made: dict[str, Callable[[], Operation | None]] = {
            "import": lambda: self.importing(which, flag, False),
            "delete": lambda: self.deleting(wanted, flag, True),
            "empty": lambda: self.emptying(None if flag else pick),
            "restore": lambda: self.restoring(pick),
            "set-ref": lambda: self.setting_ref(pick, "main"),
            "repair": lambda: self.repairing_all(flag),
            "mend": self.mending,
            "download": lambda: self.downloading(which, flag, False),
        }
        operation = made[what]()
        if operation is None:
            return
        before = loads(self.root)
        was_killed = killed(lambda: self.again(operation), step, self.root)
        note(f"{'killed' if was_killed else 'ended'}")
        still_loads(before, loads(self.root), nothing if what == "repair" else operation.may, operation.moves)
        agree(self.root)
        self.do(self.repairing_all())
        self.settle()
        agree(self.root)
        if what == "delete" and not flag:
            # Whatever it took is in the trash, or was put back.
            entries = [(str(self.root), entry) for entry in entry_names(str(self.root))]
            self.library.restore(entries)
            still_loads(before, loads(self.root), nothing, operation.moves)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with hub() as place:
        yield place


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[Key, int, bool], Path]:
    return write_archives(tmp_path_factory.mktemp("archives"))


@pytest.fixture
def quiet() -> Iterator[None]:
    """The Hub's client shows nothing."""
    disable_progress_bars()
    yield
    enable_progress_bars()


@pytest.mark.usefixtures("quiet")
def test_the_golden_rule(
    endpoint: str, archives: dict[tuple[Key, int, bool], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MODELKEEP_HOME", "HF_ENDPOINT"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # no thread of it: this process forks
    machine = type(
        "Machine",
        (GoldenRule,),
        {"endpoint": endpoint, "archives": archives},
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES or 20,
            stateful_step_count=12,
            derandomize=not EXAMPLES,
            database=None,
            report_multiple_bugs=False,
            phases=[Phase.generate] if EXAMPLES else list(Phase),
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


# ---- what it found


def promised_and_freed(cache: CacheMaker, *names: str) -> tuple[int, int, int]:
    before = usage(cache.root)
    targets = [Target(ModelKey(name)) for name in names]
    result = execute_deletion(plan_deletion(scan(cache.root), targets, permanently=True))
    assert result.failures == ()
    return result.promised, result.freed, before - usage(cache.root)


@pytest.mark.parametrize("names", [("org/hard", "org/soft"), ("org/soft", "org/hard")])
@pytest.mark.parametrize("third", [False, True])
def test_a_shared_payload_with_a_hard_link_is_freed_as_promised(
    cache: CacheMaker, names: tuple[str, str], third: bool
) -> None:
    """Whichever of its names is looked at first: the list of its users goes with it, too."""
    for name in ("org/soft", "org/hard", *(["org/third"] if third else [])):
        cache.add(name, {"common.bin": COMMON})
    payload = cache.share("org/soft", COMMON)
    for name in ("org/hard", "org/third") if third else ("org/hard",):
        blob = cache.folder(name) / "blobs" / sha256(COMMON)
        blob.unlink()
        os.link(payload, blob)
    promised, freed, gained = promised_and_freed(cache, *names)
    assert promised == freed == gained > 0


def test_what_a_deletion_that_comes_back_brings_is_repaired_at_once(tmp_path: Path) -> None:
    """The model that it takes has waste and damage of its own, which only its coming back shows."""
    seen: set[str] = set()
    for step in range(18, 60, 2):
        cache = CacheMaker(tmp_path / str(step))
        cache.add("org/alpha", {"model.safetensors": COMMON, "config.json": b"{}"})
        cache.set_ref("org/alpha", "v9", "9" * 40)
        cache.orphan("org/alpha", b"nobody's" * 2000)
        before = loads(cache.root)
        was_killed = killed(partial(delete_a_model, cache.root, "org/alpha"), step, cache.root)
        took = usage(cache.root)
        found = examine(cache.root, now=later())
        plan = plan_repair(found.inventory, found.findings, everything=True)
        result = repair(plan, now=later())
        problems = [one.finding.problem for one in result.items]
        seen |= {*problems} if "interrupted-deletion" in problems else set()
        assert [one for one in result.items if one.error] == []
        trash.empty(cache.root, result.entries)
        assert result.promised == result.freed
        assert result.freed - freed_of_locks(result) == took - usage(cache.root)
        again = examine(cache.root, now=later())
        assert plan_repair(again.inventory, again.findings, everything=True).findings == ()
        if not was_killed:
            break
        still_loads(before, loads(cache.root), nothing)
    assert seen >= {"interrupted-deletion", "dangling-ref", "orphan-blob"}


def delete_a_model(root: Path, name: str) -> None:
    execute_deletion(plan_deletion(scan(root), [Target(ModelKey(name))]))


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_deep_in_the_folders_frees_what_is_promised(place: str) -> None:
    """Its link is longer than any other; whether that takes a block is up to the file system."""
    with tempfile.TemporaryDirectory(prefix="golden-", dir=place) as folder:
        cache = CacheMaker(Path(folder).resolve() / "hub")
        commit = cache.add("org/model", {"common.bin": COMMON, "very/deep/down/again.bin": COMMON})
        path = cache.folder("org/model") / "snapshots" / commit / "very" / "deep" / "down" / "again.bin"
        path.unlink()
        path.write_bytes(COMMON)
        took = usage(cache.root)
        found = examine(cache.root, now=later())
        plan = plan_repair(found.inventory, found.findings, ["copy"])
        result = repair(plan, now=later())
        assert plan.frees == result.freed == took - usage(cache.root) > 0
