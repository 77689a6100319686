"""A Modelkeep with the hub of the tests for its own, and what has to be so whatever that hub does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from huggingface_hub import scan_cache_dir, snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError

import modelkeep
from modelkeep import Library, open_library
from modelkeep.cache.inventory import ProblemKind, State
from modelkeep.hub.profile import Profile
from modelkeep.hub.transfer import DownloadResult, Transfer
from modelkeep.progress import Report, ignore
from support.hub import HubServer

NAME = "org/name"
SECRET = "hf_" + "s3cret" * 6
WEIGHTS = random.Random(7).randbytes(6 << 20)
FILES: Mapping[str, bytes] = {
    "config.json": b'{"model_type": "bert"}',
    "README.md": b"---\nlicense: mit\n---\n",
    "model.safetensors": WEIGHTS,
    "tokenizer.json": b"{}",
}
SIZE = sum(map(len, FILES.values()))
LARGE_FILES: Mapping[str, bytes] = {**FILES, "model.safetensors": WEIGHTS * 6}
"""With weights so large that they come in several ranges at once."""
WEIGHTS_OF = "GET *model.safetensors"


@dataclass
class Client:
    """A library with one root and a default profile that leads to a server."""

    library: Library
    root: Path

    def use(self, server: HubServer, *, name: str = "tests", token: str = SECRET, **more: object) -> None:
        """Have a profile lead to a server, as the default."""
        settings: dict = {"connect_timeout": 5.0, "read_timeout": 10.0, **more}
        profile = Profile(name, endpoint=server.endpoint, **settings)
        self.library.hubs.save_profile(profile, token=token, in_file=True, default=True)

    def download(self, name: str = NAME, *, report: Report = ignore) -> DownloadResult:
        hubs = self.library.hubs
        return hubs.download(hubs.plan_download(name, everything=True), report=report)

    @property
    def transfer(self) -> Transfer:
        """The only transfer there is."""
        [transfer] = self.library.hubs.transfers()
        return transfer

    def go_on(self, *, profile: str = "", report: Report = ignore) -> DownloadResult:
        """Run the only transfer there is, from where it stopped."""
        transfer = self.transfer
        self.library.hubs.resume_transfer(transfer.root, transfer.id)
        return self.library.hubs.run_transfer(transfer.root, transfer.id, profile=profile, report=report)


@contextmanager
def client_of(server: HubServer, root: Path, **more: object) -> Iterator[Client]:
    """A client whose hub is this server. In the end its cache has to be sound, whatever happened."""
    root.mkdir(parents=True, exist_ok=True)
    with open_library([root]) as library:
        client = Client(library, root)
        client.use(server, **more)  # type: ignore[arg-type]
        yield client
    assert_agreed(root)


def assert_agreed(root: Path) -> None:
    """Nothing is broken, and the hub's own client finds the models that are whole for us, and no other."""
    inventory = modelkeep.scan(root)
    problems = [problem for model in inventory.models for problem in model.problems]
    assert {problem.kind for problem in problems} <= {ProblemKind.MISSING_FILES}, problems
    assert _warnings(root) == []
    for model in inventory.models:
        main = model.revision("main")
        try:
            snapshot_download(model.repo_id, cache_dir=root, local_files_only=True)
        except LocalEntryNotFoundError:
            assert main is None or main.state is State.INCOMPLETE, main
        else:
            assert main is not None
            assert main.state is State.WHOLE, main.problems


def assert_whole(
    root: Path, files: Mapping[str, bytes] = FILES, *, name: str = NAME, revision: str = "main"
) -> None:
    """The model is there, whole; the hub's own client agrees; nothing is left of how it came."""
    inventory = modelkeep.scan(root)
    [model] = [model for model in inventory.models if model.repo_id == name]
    found = model.revision(revision)
    assert found is not None
    assert found.state is State.WHOLE, found.problems
    assert_sound(root)
    assert model.incomplete == ()
    place = Path(snapshot_download(name, revision=revision, cache_dir=root, local_files_only=True))
    assert {str(p.relative_to(place)): p.read_bytes() for p in place.rglob("*") if p.is_file()} == dict(files)
    assert staged(root) == 0


def assert_sound(root: Path) -> None:
    """No problem in the cache, as we and the hub's own client see it."""
    inventory = modelkeep.scan(root)
    assert [problem for model in inventory.models for problem in model.problems] == []
    assert _warnings(root) == []


def assert_unfinished(root: Path, name: str = NAME) -> None:
    """Some files of the model may be there, each whole; whoever looks for the model is told that it is not."""
    inventory = modelkeep.scan(root)
    problems = [problem for model in inventory.models for problem in model.problems]
    assert {problem.kind for problem in problems} <= {ProblemKind.MISSING_FILES}, problems
    found = [(model.state, model.problems) for model in inventory.models if model.repo_id == name]
    assert {state for state, _ in found} <= {State.INCOMPLETE}, found
    assert _warnings(root) == []
    with pytest.raises(LocalEntryNotFoundError):
        snapshot_download(name, cache_dir=root, local_files_only=True)


def assert_nothing_published(root: Path, name: str = NAME) -> None:
    """Nobody who looks for the model finds any of it, and nobody is told that something is wrong."""
    assert_sound(root)
    folder = root / f"models--{name.replace('/', '--')}"
    assert [path for path in folder.rglob("*") if not path.is_dir()] == []


def _warnings(root: Path) -> list[str]:
    """What the hub's own client finds wrong, but for our folder, which it does not know."""
    return [str(said) for said in scan_cache_dir(root).warnings if not str(said).endswith("/.modelkeep")]


def staged(root: Path) -> int:
    """Bytes that lie in Modelkeep's own folder of the root."""
    own = root / ".modelkeep"
    return sum(path.stat().st_size for path in own.rglob("*") if path.is_file() and path.suffix != ".lock")
