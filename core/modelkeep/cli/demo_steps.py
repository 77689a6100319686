"""The steps of `modelkeep demo`. Each does something, looks whether it is so, and says what it saw."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.cache.existing import content_name
from modelkeep.disk import measure
from modelkeep.errors import ModelKeepError
from modelkeep.library import Library, open_library
from modelkeep.text import count_text, size_text
from modelkeep_resources.samples.tiny import tiny_bert

if TYPE_CHECKING:
    from modelkeep.rows import ModelRow, RevisionRow

__all__ = ["Outcome", "run_demo"]

_NAME = "modelkeep/tiny-bert"
_KEY = f"hf@{_NAME}"
_COMMIT = hashlib.sha1(_NAME.encode()).hexdigest()

# Loads the model by its name, as any program does, runs it, and says how many parameters it has.
_LOAD = """
import sys
from transformers import AutoModel, AutoTokenizer
model = AutoModel.from_pretrained(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model(**tokenizer("it keeps models", return_tensors="pt"))
print(sum(parameter.numel() for parameter in model.parameters()))
"""


class Outcome(NamedTuple):
    """What became of a step: `status` is "done", "failed" or "left out"; `message` says what was seen, or why not."""

    step: str
    status: str
    message: str
    seconds: float


class Failed(Exception):
    """Something is not as it should be."""


class LeftOut(Exception):
    """This cannot be tried here."""


def run_demo(place: Path, pictures: Path) -> Iterator[Outcome]:
    """Do all steps with caches in the folder `place`, the window's pictures going to another."""
    archive = place / "from-a-colleague.zip"
    root = place / "hub"
    root.mkdir()
    with open_library([root]) as library:
        core = _Core(library, root, archive, place / "exported", place / "store")
        steps = {
            "archive": core.make_archive,
            "import": core.bring_in,
            "list": core.look,
            "verify": core.verify,
            "load": core.load,
            "try": core.ask,
            "export": core.export,
            "compare": core.compare,
            "push": core.push,
            "delete": core.delete,
            "undo": core.undo,
            "free": core.delete_for_good,
            "fetch": core.fetch,
        }
        for name, step in steps.items():
            yield _outcome(name, step)
    yield _outcome("window", lambda: _drive_window(archive, place / "window", pictures))


def _outcome(name: str, step: Callable[[], str]) -> Outcome:
    begun = time.perf_counter()
    try:
        status, message = "done", step()
    except LeftOut as error:
        status, message = "left out", str(error)
    except (Failed, ModelKeepError) as error:
        status, message = "failed", str(error)
    except Exception as error:  # noqa: BLE001 - what breaks is a result too, and the next step may go well
        status, message = "failed", f"{type(error).__name__}: {error}"
    return Outcome(name, status, message, time.perf_counter() - begun)


def _expect(holds: object, sentence: str) -> None:
    if not holds:
        raise Failed(sentence)


class _Core:
    """What the core does alone, in a cache that is empty at the beginning."""

    def __init__(self, library: Library, root: Path, archive: Path, exported: Path, store: Path) -> None:
        self.library = library
        self.root = root
        self.archive = archive
        self.exported = exported
        self.store = store
        self.files = tiny_bert()
        self.before: tuple[RevisionRow, ...] = ()

    @property
    def row(self) -> ModelRow:
        self.library.refresh()
        rows = self.library.rows()
        _expect(len(rows) == 1, f"The cache has {len(rows)} models, and there should be 1.")
        return rows[0]

    def make_archive(self) -> str:
        _write_archive(self.archive, self.files)
        return f"{_NAME} as a DSS archive, {size_text(self.archive.stat().st_size)}"

    def bring_in(self) -> str:
        plan = self.library.archives.plan_import([self.archive])
        result = self.library.archives.run_import(plan)
        for failure in result.failures:
            raise Failed(failure)
        written = sum(item.bytes_written for item in result.items)
        _expect(
            written == sum(map(len, self.files.values())), f"{written} bytes came in, not all of the model."
        )
        return f"{_NAME} into an empty cache, {size_text(written)}"

    def look(self) -> str:
        row = self.row
        _expect(not row.problems, f"{row.key} has problems.")
        _expect((row.key, row.task) == (_KEY, "feature-extraction"), f"{row.key} for {row.task} is listed.")
        return f"{row.repo_id}: {row.task}, {row.licence}, {count_text(row.parameters)} parameters"

    def verify(self) -> str:
        """Compare every content with its name, and every file with the checksums of the archive."""
        model = self.library.inventory(self.root).models[0]
        blobs = {file.blob for revision in model.revisions for file in revision.files if file.blob}
        for blob in blobs:
            _expect(content_name(Path(blob.payload), blob.name) == blob.name, f"{blob.path} was changed.")
        sums = _checksums(self.archive)
        for name in self.files:
            digest = hashlib.sha256(Path(model.revisions[0].path, name).read_bytes()).hexdigest()
            _expect(sums[f"model/{name}"] == digest, f"{name} is not what the archive's SHA256SUMS says.")
        return f"{len(blobs)} contents are what their names and the archive's SHA256SUMS say"

    def load(self) -> str:
        _need_frameworks("loading it by name")
        offline = {
            "HF_HOME": os.fspath(self.root.parent),
            "HF_HUB_CACHE": os.fspath(self.root),
            "HF_HUB_OFFLINE": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", _LOAD, _NAME],
            env=os.environ | offline,
            capture_output=True,
            text=True,
            check=False,
        )
        _expect(done.returncode == 0, done.stderr.strip().rpartition("\n")[2] or "It could not be loaded.")
        count = int(done.stdout)
        _expect(count == self.row.parameters, f"{count} parameters were loaded, not {self.row.parameters}.")
        return f'AutoModel.from_pretrained("{_NAME}") works offline'

    def ask(self) -> str:
        """Have vectors made of sentences, in a worker; alike sentences must have alike ones."""
        _need_frameworks("asking it something")
        from modelkeep.inference.values import Embedded, TryInputs

        [selection] = self.library.choose([_KEY])
        try:
            plan = self.library.tryouts.plan(selection)
            sentences = ("it keeps models", "it keeps models", "where is the cat?")
            result = self.library.tryouts.run(plan, TryInputs(sentences))
        finally:
            self.library.tryouts.close()  # what a process has open is not deleted
        [answer] = result.outputs
        _expect(isinstance(answer, Embedded), "It did not answer with vectors.")
        assert isinstance(answer, Embedded)
        same, other = answer.similarity[0][1:]
        _expect(
            same > 0.999 and same > other,
            f"The same sentence is alike by {same:.3f}, another by {other:.3f}.",
        )
        size = size_text(result.peak_memory)
        return f"{len(sentences)} sentences compared in a process without a network, {size} at most"

    def export(self) -> str:
        plan = self.library.archives.plan_export(self.library.choose([_KEY]), self.exported)
        result = self.library.archives.export(plan)
        for failure in result.failures:
            raise Failed(failure)
        [archive] = result.archives
        _expect(archive.size == plan.total, f"{archive.size} bytes were written, {plan.total} promised.")
        return f"{archive.paths[0].name}, {size_text(archive.size)}, to the byte as planned"

    def compare(self) -> str:
        [path] = self.exported.glob("*.zip")
        with zipfile.ZipFile(path) as exported:
            _expect(exported.testzip() is None, f"{path.name} is damaged.")
            folder = exported.namelist()[0].partition("/")[0]
            metadata = json.loads(exported.read(f"{folder}/model_metadata.json"))
            _expect(metadata["modelDefinition"]["key"] == _KEY, "The archive is called something else.")
            _expect(metadata["commitHash"] == _COMMIT, "The archive names another commit.")
            for name, content in self.files.items():
                _expect(exported.read(f"{folder}/model/{name}") == content, f"{name} came out changed.")
        return f"the {len(self.files)} files are those that came in"

    def push(self) -> str:
        self.store.mkdir()
        [selection] = self.library.choose([_KEY])
        result = self.library.remotes.push(self.library.remotes.plan_push(selection, os.fspath(self.store)))
        size = sum(map(len, self.files.values()))
        _expect(result.sent == size, f"{result.sent} bytes were sent, not all of the model.")
        check = self.library.remotes.verify(os.fspath(self.store), deep=True)
        _expect(check.is_good and check.read == size, "The store has something else than was pushed.")
        return f"{_NAME} to a store in a folder, {size_text(result.sent)}, read back there"

    def delete(self) -> str:
        self.before = self.row.revisions
        [result] = self.library.delete(self.library.plan_deletion(self.library.choose([_KEY])))
        for failure in result.failures:
            raise Failed(failure)
        _expect(not self.library.rows(), "The model is still listed.")
        return f"{_NAME} is in the trash"

    def undo(self) -> str:
        [entry] = self.library.trash()
        [restored] = self.library.restore([(entry.root, entry.id)])
        _expect(not restored.error, restored.error)
        _expect(self.row.revisions == self.before, f"{_NAME} came back changed.")
        return f"{_NAME} is back as it was"

    def delete_for_good(self) -> str:
        [model] = self.library.inventory(self.root).models
        before = measure(model.path)
        plans = self.library.plan_deletion(self.library.choose([_KEY]), permanently=True)
        [result] = self.library.delete(plans)
        for failure in result.failures:
            raise Failed(failure)
        _expect(
            result.freed == plans[0].frees == before - measure(model.path),
            f"{plans[0].frees} bytes were promised, {result.freed} said to be freed, {before} there.",
        )
        return f"{size_text(result.freed)} promised, and as much freed"

    def fetch(self) -> str:
        plan = self.library.remotes.plan_fetch(_KEY, os.fspath(self.store))
        result = self.library.remotes.fetch(plan)
        for name, content in self.files.items():
            _expect(Path(result.snapshot, name).read_bytes() == content, f"{name} came back changed.")
        return f"{_NAME} is back from the store, {size_text(result.fetched)}"


def _need_frameworks(what: str) -> None:
    if missing := [name for name in ("torch", "transformers") if find_spec(name) is None]:
        raise LeftOut(f"{what}, because {' and '.join(missing)} is not installed")


def _write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    """An archive as Dataiku DSS writes it, with our checksums."""
    folder = "tiny"
    metadata = {
        "modelDefinition": {"key": _KEY},
        "version": 0,
        "url": f"https://huggingface.co/{_NAME.replace('/', '%2F')}/tree/main",
        "commitHash": _COMMIT,
        "libraryName": "transformers",
        "sizeInBytes": sum(map(len, files.values())),
    }
    contents = {"model_metadata.json": json.dumps(metadata, indent=2).encode()}
    contents |= {f"model/{name}": content for name, content in files.items()}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (contents | {"SHA256SUMS": sums.encode()}).items():
            archive.writestr(f"{folder}/{name}", content)


def _checksums(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("tiny/SHA256SUMS").decode().splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _drive_window(archive: Path, root: Path, pictures: Path) -> str:
    """The same in the window, which needs no display for it."""
    if find_spec("PySide6") is None:
        raise LeftOut("the window, because PySide6 is not installed (pip install 'modelkeep[gui]')")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Without a display Qt says, for each window, that it cannot tell anybody how large it may become.
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    from modelkeep_gui.pictures import run_demo as drive

    root.mkdir()
    taken = drive(pictures, root, archive)
    _expect(taken and all(picture.stat().st_size for picture in taken), "No picture came of it.")
    return f"import, delete and undo in the window, {len(taken)} pictures in {pictures}"
