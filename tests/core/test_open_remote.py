"""What becomes of URLs of remotes, and of kinds that other packages bring."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelkeep.errors import BadReply, Offline, SettingsError
from modelkeep.hub.profile import Profile
from modelkeep.hub.profiles import save_profile
from modelkeep.library import open_library
from modelkeep.remote.opening import open_remote
from support.caches import CacheMaker
from support.hub import HubServer
from support.remote_fetching import FILES, loaded, push

DOCS = Path(__file__).parents[2] / "docs/remotes.md"
SECRET = "s3cr3t"


@pytest.mark.parametrize("form", ["{}", "file://{}", "file://localhost{}", " {}/ "])
def test_a_folder_by_its_path_and_its_url(tmp_path: Path, form: str) -> None:
    push(tmp_path / "store", below=tmp_path)
    with open_remote(form.format(tmp_path / "store")) as remote:
        assert remote.kind == "folder"
        assert [str(model.key) for model in remote.list()] == ["hf@org/name"]


def test_a_folder_below_the_home_of_the_user(own_places: Path, tmp_path: Path) -> None:
    push(own_places / "a store", below=tmp_path)
    with open_remote("~/a store") as remote:
        assert len(remote.list()) == 1
    with open_remote(f"file://{own_places}/a%20store") as remote:
        assert len(remote.list()) == 1


def test_a_hub_by_its_profile() -> None:
    with HubServer() as server:
        save_profile(Profile("team", server.endpoint))
        with open_remote("hub:team") as remote, open_remote("hub:team/org") as owned:
            assert (remote.kind, remote.url, owned.url) == ("hub", "hub:team", "hub:team/org")
        assert not server.requests, "opening reaches nothing"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "models",
        "models/here",
        "gopher://hole",
        "file://server/share",
        "hub:nowhere",
        "hub:default/a/b",
        "http://[",
    ],
)
def test_what_is_no_remote_is_a_sentence(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_remote(url)
    assert caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        f"s3://key:{SECRET}@bucket/prefix",
        f"s3://bucket?secret_access_key={SECRET}",
        f"s3://bucket?endpoint=http://user:{SECRET}@10.0.0.1",
        f"plain://user:{SECRET}@host",
        f"s3://bucket?X-Amz-Signature={SECRET}",
    ],
)
def test_a_url_with_a_secret_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_remote(url)
    assert SECRET not in f"{caught.value}{caught.value.hint}"


def test_offline_only_a_folder_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain: Path) -> None:
    push(tmp_path / "store", below=tmp_path)
    monkeypatch.setenv("MODELKEEP_OFFLINE", "1")
    with open_remote(str(tmp_path / "store")) as remote:
        assert remote.list()
    for url in ("s3://bucket", "hub:", f"plain:{plain}"):
        with pytest.raises(Offline):
            open_remote(url)


def test_without_what_s3_takes_the_package_is_named(tmp_path: Path) -> None:
    script = """
import sys
sys.modules["botocore"] = None
from modelkeep.errors import SettingsError
from modelkeep.remote.opening import open_remote
try:
    open_remote("s3://bucket/prefix")
except SettingsError as error:
    print(error, error.hint)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "botocore" in ran.stdout
    assert "pip install 'modelkeep[s3]'" in ran.stdout


# ---- kinds of other packages

Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package with an entry point, as pip would leave it: a module, and its dist-info."""
    site = tmp_path / "site"
    site.mkdir()
    modules = []

    def install(module: str, content: str, points: str) -> None:
        modules.append(module)
        (site / f"{module}.py").write_text(content)
        info = site / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[modelkeep.remotes]\n{points}\n")
        importlib.invalidate_caches()

    monkeypatch.syspath_prepend(site)
    yield install
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture
def plain(tmp_path: Path, install: Install) -> Path:
    """The example of the documentation, installed; returns a folder of models for it."""
    text = DOCS.read_text("utf-8")
    [point] = re.findall(r"```toml\n.*?^(plain = .*?)\n```", text, re.DOTALL | re.MULTILINE)
    [example] = re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)
    install("plain_remote", example, point.replace('"', ""))
    for name, content in FILES.items():
        path = tmp_path / "exports/org/name" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "exports"


def test_the_example_of_the_documentation_is_a_remote(plain: Path, cache: CacheMaker) -> None:
    with open_library([cache.root]) as library:
        library.remotes.add("exports", f"plain:{plain}", cache=str(cache.root))
        [model] = library.remotes.models("exports")
        assert str(model.key) == "hf@org/name"
        assert library.remotes.verify("exports").is_good
        assert [check.outcome for check in library.remotes.test("exports")] == ["ok"]
        plan = library.remotes.plan_fetch("org/name", "exports")
        library.remotes.fetch(plan)
        origin = library.catalog.origin(str(cache.root), plan.key.at(None), plan.commit)
    assert loaded(cache.root) == FILES
    assert origin
    assert (origin.url, origin.source) == (f"plain:{plain}", "remote")


def test_a_kind_that_lies_about_names_writes_nothing(
    plain: Path, cache: CacheMaker, install: Install
) -> None:
    lying = f"""
from dataclasses import replace
from plain_remote import PlainRemote, open_plain

class Lying(PlainRemote):
    def describe(self, key):
        manifest = super().describe(key)
        return replace(manifest, files=(manifest.files[0]._replace(path="../../../escaped"),))

def make(url, credentials):
    return Lying(url, open_plain("plain:{plain}").folder)
"""
    install("lying_remote", lying, "lying = lying_remote:make")
    with open_library([cache.root]) as library, pytest.raises(BadReply):
        library.remotes.plan_fetch("org/name", "lying:", root=str(cache.root))
    assert not list(cache.root.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        "import nothing_of_that_name",
        "def make(url, credentials): raise RuntimeError('no good')",
        "make = None",
    ],
)
def test_a_broken_kind_is_named_and_harms_no_other(
    install: Install, plain: Path, tmp_path: Path, content: str
) -> None:
    install("broken_remote", content, "broken = broken_remote:make")
    with pytest.raises(SettingsError, match="broken_remote"):
        open_remote("broken:here")
    with open_remote(f"plain:{plain}") as remote:
        assert len(remote.list()) == 1
    push(tmp_path / "store", below=tmp_path)
    with open_remote(str(tmp_path / "store")) as remote:
        assert len(remote.list()) == 1


def test_no_package_takes_the_place_of_ours(install: Install, tmp_path: Path) -> None:
    install("thief_remote", "def make(url, credentials): raise SystemExit", "file = thief_remote:make")
    push(tmp_path / "store", below=tmp_path)
    with open_remote(f"file://{tmp_path}/store") as remote:
        assert len(remote.list()) == 1
