"""Several processes with one den, and processes that are killed in the middle of it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from modelkeep.den import LocalDenConfig, LocalFileDen, ModelInfo, get_default_den
from modelkeep.den.config import LocalCacheConfig
from modelkeep.den.in_remote import RemoteBackend
from modelkeep.den.kinds import DenType
from modelkeep.den.local_cache import LocalCache
from support.dens import den_child, killed_at, make_pack, model_id

A, B = map(model_id, (1, 2))

PUSH = """
den = get_default_user_local_den(sys.argv[1])
print('ready', flush=True)
sys.stdin.readline()
done = []
for pack in sys.argv[2:]:
    try:
        den.push_model(pack, 'together')
        done.append('pushed')
    except DuplicateModelException:
        done.append('duplicate')
print(json.dumps(done))
"""


def local(place: Path) -> LocalFileDen:
    return LocalFileDen(LocalDenConfig(DenType.LOCAL_USER, place))


def pushed_together(place: Path, *packs: list[Path], script: str = PUSH) -> list[list[str]]:
    with den_child(script, place, *packs[0]) as one, den_child(script, place, *packs[1]) as other:
        for child in (one, other):
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in (one, other):
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        return [json.loads(child.communicate()[0]) for child in (one, other)]


def test_two_processes_push_the_same_and_different_models(tmp_path: Path) -> None:
    same = [make_pack(tmp_path / "packs", model_id(number)) for number in range(1, 6)]
    own = [
        [make_pack(tmp_path / "packs", model_id(number + base)) for number in range(3)] for base in (20, 30)
    ]
    said = pushed_together(tmp_path / "den", same + own[0], same + own[1])
    for number in range(len(same)):
        assert sorted(one[number] for one in said) == ["duplicate", "pushed"]
    assert all(one[len(same) :] == ["pushed"] * 3 for one in said)
    den = local(tmp_path / "den")
    models = den.list_available_models()
    assert len(models) == 11
    for model in models:
        den.verify_model(model)
    assert list((tmp_path / "den" / ".medcat-den" / ".modelkeep" / "incoming").iterdir()) == []


def is_sound(den: LocalFileDen, expected: set[str]) -> bool:
    """Whether exactly these models are listed, whole, and a further push leaves nothing but them."""
    for one in den.list_available_models():
        den.verify_model(one)
    return {one.model_id for one in den.list_available_models()} == expected


@pytest.mark.parametrize(
    "where",
    [
        "den.push_model(sys.argv[2], 'x', report=lambda p: p.step == 'Packing' and stop())",
        "local.sync_folder = stop\nden.push_model(sys.argv[2], 'x')",
        "import sqlite3\nlocal.Changes.remember = stop\nden.push_model(sys.argv[2], 'x')",
    ],
    ids=["while it is written", "after its file has its name", "before its row counts"],
)
def test_a_killed_push_leaves_no_model_and_is_done_again(tmp_path: Path, where: str) -> None:
    pack = make_pack(tmp_path, A)
    killed_at(f"den = get_default_user_local_den(sys.argv[1])\n{where}", tmp_path / "den", pack)
    den = local(tmp_path / "den")
    assert is_sound(den, set())
    den.push_model(pack, "again")
    assert is_sound(den, {A})
    assert list((tmp_path / "den" / ".medcat-den" / ".modelkeep" / "incoming").glob("*")) == []


@pytest.mark.parametrize(
    ("where", "gone"),
    [
        ("local.Changes.delete = stop", False),
        (
            "rename = os.rename\nos.rename = lambda a, b: stop() if str(b).endswith('pack.zip') else rename(a, b)",
            True,
        ),
        ("local.sync_folder = stop", True),
    ],
    ids=["before its row goes", "before its file goes", "after its file went"],
)
def test_a_killed_deletion_is_done_or_not_and_never_half(tmp_path: Path, where: str, gone: bool) -> None:
    den = local(tmp_path / "den")
    for one in (A, B):
        den.push_model(make_pack(tmp_path, one), "")
    killed_at(
        f"{where}\nget_default_user_local_den(sys.argv[1]).delete_model(ModelInfo(sys.argv[2]), True)",
        tmp_path / "den",
        A,
    )
    assert is_sound(den, {B} if gone else {A, B})
    den.delete_model(ModelInfo(B), True)  # which finishes what was left
    assert {one.info.model_id for one in den.deleted_models()} == ({A, B} if gone else {B})
    packs = {one.stem for one in (tmp_path / "den" / ".medcat-den" / "models").glob("*.zip")}
    assert packs == (set() if gone else {A})
    for deleted in den.deleted_models():
        den.restore_model(deleted)
    assert is_sound(den, {A, B})


def test_a_killed_restore_loses_nothing(tmp_path: Path) -> None:
    den = local(tmp_path / "den")
    den.push_model(make_pack(tmp_path, A), "")
    den.delete_model(ModelInfo(A), True)
    killed_at(
        "local.sync_folder = stop\nden = get_default_user_local_den(sys.argv[1]).backend()\n"
        "den.restore_model(den.deleted_models()[0])",
        tmp_path / "den",
    )
    assert is_sound(den, set())
    with den._changing():
        pass
    [deleted] = den.deleted_models()
    den.restore_model(deleted)
    assert is_sound(den, {A})


def test_a_killed_fetch_leaves_nothing_that_is_taken_for_a_model(tmp_path: Path) -> None:
    den = local(tmp_path / "den")
    den.push_model(make_pack(tmp_path, A), "")
    killed_at(
        "den = get_default_den(location=sys.argv[1], local_cache_path=sys.argv[2])\n"
        "den.fetch_path(ModelInfo(sys.argv[3]), report=lambda p: p.step == 'Unpacking' and p.done and stop())",
        tmp_path / "den",
        tmp_path / "cache",
        A,
    )
    den.cache = LocalCache(LocalCacheConfig(tmp_path / "cache", grace=0.0))
    assert den.cache.entries() == ()
    assert len(list((tmp_path / "cache" / "incoming").iterdir())) == 1
    assert (den.fetch_path(ModelInfo(A)) / "model_card.json").exists()
    assert list((tmp_path / "cache" / "incoming").iterdir()) == []
    den.cache.evict()
    assert list((tmp_path / "cache" / "locks").glob("*.use")) == []


def test_two_processes_bring_a_model_once(tmp_path: Path) -> None:
    local(tmp_path / "den").push_model(make_pack(tmp_path, A, size=2_000_000), "")
    script = (
        "den = get_default_den(location=sys.argv[1], local_cache_path=sys.argv[2])\nprint('ready', flush=True)\n"
        "sys.stdin.readline()\nprint(den.fetch_path(ModelInfo(sys.argv[3])))"
    )
    places = tmp_path / "den", tmp_path / "cache", A
    with den_child(script, *places) as one, den_child(script, *places) as other:
        for child in (one, other):
            assert child.stdout is not None
            child.stdout.readline()
        for child in (one, other):
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        said = [child.communicate()[0] for child in (one, other)]
    assert said[0] == said[1]
    connection = sqlite3.connect(tmp_path / "cache" / "modelkeep-den.db")
    assert connection.execute("SELECT uses FROM packs").fetchall() == [(2,)]
    connection.close()


def test_two_processes_push_the_same_model_to_a_store(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    packs = [make_pack(tmp_path / "packs", model_id(number)) for number in range(1, 4)]
    script = PUSH.replace(
        "get_default_user_local_den(sys.argv[1])", "get_default_den('remote', host=sys.argv[1])"
    )
    said = pushed_together(tmp_path / "store", packs, packs, script=script)
    for one in said:
        assert set(one) <= {"pushed", "duplicate"}
    den = get_default_den("remote", host=str(tmp_path / "store")).backend()
    assert isinstance(den, RemoteBackend)
    assert {one.model_id for one in den.list_available_models()} == {pack.stem for pack in packs}
    for pack in packs:
        den.verify_model(ModelInfo(pack.stem))
