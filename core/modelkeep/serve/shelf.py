"""What is served: the repositories of some caches, as their files are now.

Nobody has to tell of a change: who asks for a repository has its folders looked at, at most once a second, and only
what changed is read again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from modelkeep.cache import layout
from modelkeep.cache.catalog import Catalog
from modelkeep.cache.index import Index
from modelkeep.cache.inventory import CachedFile, CachedModel, CachedRevision
from modelkeep.cache.repository import read_repository
from modelkeep.cache.trees import TreeFile, git_name, read_tree
from modelkeep.keys import RepoType
from modelkeep.serve.answers import OVERLOADED
from modelkeep.serve.etags import Etags

__all__ = ["BUSY", "ServedFile", "ServedRepo", "Shelf"]

_COMING = 60.0  # seconds since the last bytes of a download, after which nobody goes on with it
_FRESH = 1.0  # seconds
BUSY = "This server has too much to do now."  # the problem of a file that has none of its own
_TREES = 1000  # that are kept; one takes about 300 bytes a file

PRIVATE = f"{layout.OURS}/private"
"""A folder in the root with an empty file for each private repository, named like its folder."""


class ServedFile(NamedTuple):
    """A file of a repository. `git_sha1` is what git calls it: an LFS file's is that of its pointer.

    `problem` is a sentence where the file cannot be given out: it is listed all the same, so that no client takes
    what it can get for the whole.
    """

    path: str
    size: int
    etag: str
    git_sha1: str
    place: Path
    problem: str = ""

    @property
    def is_lfs(self) -> bool:
        return layout.is_sha256(self.etag)


@dataclass(frozen=True, slots=True)
class ServedRepo:
    """A repository. `refs` and `commits` are those of which a snapshot is here; the newest commit is the first.

    `main` is the commit of the branch, or what stands for it; None when there is no snapshot at all.
    """

    repo_type: RepoType
    repo_id: str
    root: str
    path: str
    refs: Mapping[str, str]
    commits: tuple[str, ...]
    main: str | None
    private: bool
    model: CachedModel = field(repr=False, compare=False)

    def revision(self, commit: str) -> CachedRevision | None:
        return next((found for found in self.model.revisions if found.commit == commit), None)


class _Root:
    """What is known of one root; times are of the monotonic clock."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.listed = float("-inf")
        self.looked = float("-inf")
        self.pause = _FRESH
        self.folders: dict[tuple[RepoType, str], str] = {}
        self.private: frozenset[str] = frozenset()
        self.repos: dict[str, tuple[float, ServedRepo]] = {}


class Shelf:
    """The repositories of `roots`; of one that several have, the first root's is served. For all threads."""

    def __init__(self, roots: Iterable[str | os.PathLike[str]], *, catalog: Catalog | None = None) -> None:
        self._roots = [_Root(Path(os.path.realpath(Path(root).expanduser())).as_posix()) for root in roots]
        self._index = Index()
        self._lock = threading.Lock()
        self._etags = Etags(catalog)
        self._trees: dict[tuple[str, str], tuple[CachedModel, dict[str, ServedFile]]] = {}

    @property
    def roots(self) -> tuple[str, ...]:
        return tuple(root.path for root in self._roots)

    def repos(self) -> tuple[ServedRepo, ...]:
        """All of them, by type and name."""
        found: dict[tuple[RepoType, str], ServedRepo] = {}
        with self._lock:
            for root in self._roots:
                self._list(root)
                began = time.monotonic()
                look = began - root.looked >= root.pause
                for key, folder in root.folders.items():
                    if key not in found and (repo := self._read(root, key, folder, look=look)):
                        found[key] = repo
                if look:
                    root.looked = time.monotonic()
                    # A large cache on a slow disk is looked at less often, not all the time.
                    root.pause = max(_FRESH, 10 * (root.looked - began))
        return tuple(found[key] for key in sorted(found))

    def repo(self, repo_type: RepoType, repo_id: str) -> ServedRepo | None:
        """The repository of exactly that name, or None."""
        with self._lock:
            for root in self._roots:
                self._list(root)
                folder = root.folders.get((repo_type, repo_id))
                if folder and (repo := self._read(root, (repo_type, repo_id), folder, look=True)):
                    return repo
        return None

    def resolve(self, repo: ServedRepo, revision: str) -> str | None:
        """The commit that a branch, a tag, a commit or the unambiguous beginning of one names, if it is here."""
        if revision in repo.refs:
            return repo.refs[revision]
        if revision == "main":
            return repo.main
        found = [commit for commit in repo.commits if commit == revision]
        if not found and len(revision) >= 7:
            found = [commit for commit in repo.commits if commit.startswith(revision)]
        return found[0] if len(found) == 1 else None

    def tree(self, repo: ServedRepo, commit: str) -> dict[str, ServedFile]:
        """The files of a commit by their paths; none when it is not here.

        May have to read files that came without a name, which takes as long as that takes.
        """
        with self._lock:
            model, tree = self._trees.get((repo.path, commit), (None, None))
        if tree is not None and model is repo.model:
            return tree
        revision = repo.revision(commit)
        tree = self._tree(repo, revision) if revision else {}
        if any(file.problem == BUSY for file in tree.values()):
            return tree
        with self._lock:
            if len(self._trees) >= _TREES:
                self._trees.clear()
            self._trees[repo.path, commit] = (repo.model, tree)
        return tree

    def lacks(self, repo: ServedRepo, commit: str) -> frozenset[str]:
        """The files that a commit has by its listing, and that are not in this cache."""
        revision = repo.revision(commit)
        here = {file.name for file in revision.files} if revision else set()
        return frozenset((read_tree(repo.path, commit) or {}).keys() - here)

    def is_coming(self, repo: ServedRepo, commit: str) -> bool:
        """Whether a download brings more of a commit now. The Hub's client writes the ref and the listing first."""
        now = time.time()
        arriving = any(now - file.modified < _COMING for file in repo.model.incomplete)
        return arriving and bool(self.lacks(repo, commit))

    def name_files(self) -> None:
        """Work out the names of all copied files that have none, before a client has to wait for one."""
        for repo in self.repos():
            for revision in repo.model.revisions:
                if any(not file.linked for file in revision.files):
                    self.tree(repo, revision.commit)

    def changed(self, root: str | os.PathLike[str]) -> None:
        """Look again at a root at the next question: somebody just changed it."""
        place = Path(os.path.realpath(root)).as_posix()
        with self._lock:
            for known in self._roots:
                if known.path == place:
                    known.listed = known.looked = float("-inf")
                    known.repos = {folder: (float("-inf"), repo) for folder, (_, repo) in known.repos.items()}

    def set_private(self, root: str | os.PathLike[str], folder: str, private: bool) -> None:
        """Give out the repository in a folder of `root` only to who has a token, or to all. Raises `OSError`."""
        mark = Path(os.path.realpath(root), PRIVATE, folder)
        if private:
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
        else:
            mark.unlink(missing_ok=True)
        self.changed(root)

    # ---- looking

    def _list(self, root: _Root) -> None:
        if time.monotonic() - root.listed < _FRESH:
            return
        try:
            with os.scandir(root.path) as found:
                names = sorted(entry.name for entry in found if entry.is_dir())
        except OSError as error:
            if error.errno in OVERLOADED:
                return  # what is known has to do
            names = []  # the disk is away, for now
        root.folders = {key: name for name in names if (key := layout.parse_repo_folder(name))}
        private = _private(root.path, names)
        if private != root.private:
            root.private = private
            root.repos.clear()
        for gone in root.repos.keys() - root.folders.values():
            del root.repos[gone]
        root.listed = time.monotonic()

    def _read(self, root: _Root, key: tuple[RepoType, str], folder: str, *, look: bool) -> ServedRepo | None:
        looked, repo = root.repos.get(folder, (float("-inf"), None))
        if repo is None or (look and time.monotonic() - looked >= _FRESH):
            model = self._index.recall(root.path, folder)
            if model is None:
                model = read_repository(root.path, folder, *key, {})
                self._index.remember(root.path, {folder: model}, root.folders.values())
            if repo is None or repo.model is not model:
                repo = _served(model, folder in root.private)
            root.repos[folder] = (time.monotonic(), repo)
        return repo if repo.commits else None

    # ---- files

    def _tree(self, repo: ServedRepo, revision: CachedRevision) -> dict[str, ServedFile]:
        listing = read_tree(repo.path, revision.commit) or {}
        attributes = next(
            (f.blob.payload for f in revision.files if f.name == ".gitattributes" and f.blob), ""
        )
        rules = self._etags.rules(attributes)
        tree = {}
        for file in filter(lambda file: _can_be_said(file.name), revision.files):
            place = Path(file.blob.payload if file.blob else file.path)
            size = file.size
            expected = listing.get(file.name)
            problem = ""
            if file.blob is None:
                size = expected.size if expected else 0
                problem = f"{file.name} leads to a content that is not here."
            elif expected and expected.size != size:
                problem = f"{file.name} has {size:,} bytes; the repository says {expected.size:,}."
                size = expected.size
            elif not self._is_within(os.path.realpath(place)):
                problem = f"{file.name} leads out of what is served."
            etag = expected.etag if expected else _etag_of_link(repo, file)
            if not etag and not problem:
                try:
                    etag = self._etags.of(place, rules.is_lfs(file.name, size))
                except OSError as error:
                    busy = error.errno in OVERLOADED
                    problem = BUSY if busy else f"{file.name} cannot be read ({error.strerror})."
            sha1 = git_name(TreeFile(size, etag))
            tree[file.name] = ServedFile(file.name, size, etag, sha1, place, problem)
        return tree

    def _is_within(self, place: str) -> bool:
        """Whether a file is in a cache that is served: links may lead anywhere, also to what is nobody's business."""
        path = Path(place).as_posix()
        return any(path.startswith(f"{root.path}/") for root in self._roots)


def _private(root: str, folders: Iterable[str]) -> frozenset[str]:
    """The folders of the repositories that only who has a token may see: all, where nobody can say which."""
    try:
        return frozenset(os.listdir(f"{root}/{PRIVATE}"))
    except FileNotFoundError:
        return frozenset()
    except OSError:
        return frozenset(folders)


def _can_be_said(name: str) -> bool:
    """Whether JSON and a URL can carry the name of a file: it is UTF-8, and nothing in it controls a terminal."""
    return not any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in name)


def _served(model: CachedModel, private: bool) -> ServedRepo:
    revisions = sorted(model.revisions, key=lambda revision: revision.modified, reverse=True)
    commits = tuple(revision.commit for revision in revisions)
    return ServedRepo(
        repo_type=model.repo_type,
        repo_id=model.repo_id,
        root=model.root,
        path=model.path,
        refs={ref: commit for ref, commit in model.refs if commit in commits},
        commits=commits,
        main=model.main.commit if model.main else None,
        private=private,
        model=model,
    )


def _etag_of_link(repo: ServedRepo, file: CachedFile) -> str:
    """The name of the blob that a snapshot's link leads to, which is its etag; "" for a plain file."""
    name, folder = "", ""
    if file.blob:
        folder, _, name = file.blob.path.rpartition("/")
    elif file.linked:
        with suppress(OSError):
            name, folder = os.path.basename(os.readlink(file.path)), f"{repo.path}/blobs"
    known = folder == f"{repo.path}/blobs" and (layout.is_git_sha1(name) or layout.is_sha256(name))
    return name if known else ""
