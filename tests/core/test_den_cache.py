"""The local cache of a den: hits, limits, expiry, order, damage."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from modelkeep.den import LocalCache, LocalCacheConfig, ModelInfo, get_default_user_local_den
from modelkeep.den.config import LocalDenConfig
from modelkeep.den.kinds import DenType
from modelkeep.den.local import LocalFileDen
from modelkeep.errors import Cancelled, DamagedArchive
from modelkeep.progress import Progress, Report, ignore
from support.dens import make_pack, medcat_den, model_id, set_used

A, B, C = map(model_id, range(1, 4))


def cache_of(tmp_path: Path, **limits: object) -> LocalCache:
    return LocalCache(LocalCacheConfig(tmp_path / "cache", **{"grace": 0.0, **limits}))  # type: ignore[arg-type]


class Counting(LocalFileDen):
    """A den that counts how often it was asked for files."""

    brought = 0

    def bring(self, info: ModelInfo, folder: Path, *, report: Report = ignore) -> None:
        self.brought += 1
        super().bring(info, folder, report=report)


@pytest.fixture
def den(tmp_path: Path) -> Counting:
    made = Counting(LocalDenConfig(DenType.LOCAL_USER, tmp_path / "den"))
    for one in (A, B, C):
        made.push_model(make_pack(tmp_path / "packs", one, size=100_000), "", push_unchanged=True)
    return made


def test_a_second_fetch_is_a_hit_also_for_another_den(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path)
    folder = den.fetch_path(ModelInfo(A))
    assert (folder / "model_card.json").exists()
    assert den.fetch_path(ModelInfo(A)) == folder
    other = Counting(LocalDenConfig(DenType.LOCAL_USER, tmp_path / "den"), cache=cache_of(tmp_path))
    assert other.fetch_path(ModelInfo(A)) == folder
    assert (den.brought, other.brought) == (1, 0)
    [entry] = den.cache.entries()
    assert entry.uses == 3
    assert entry.size >= 100_000


def test_the_same_id_in_another_place_is_another_model(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path)
    other = Counting(LocalDenConfig(DenType.LOCAL_USER, tmp_path / "other"), cache=den.cache)
    other.push_model(make_pack(tmp_path / "others", A, size=50), "", push_unchanged=True)
    assert den.fetch_path(ModelInfo(A)) != other.fetch_path(ModelInfo(A))


def test_what_was_changed_in_the_cache_is_brought_again(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path)
    path = den.fetch_path(ModelInfo(A)) / "cdb" / "raw_dict.dat"
    content = path.read_bytes()
    path.write_bytes(b"x" * len(content))
    again = den.fetch_path(ModelInfo(A)) / "cdb" / "raw_dict.dat"
    assert again.read_bytes() == content
    assert den.brought == 2


def test_what_expired_is_brought_again_and_nought_is_never(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path, expiration_time=100)
    den.fetch_path(ModelInfo(A))
    set_used(den.cache.path, **{f"_{A}": 101})
    assert not any(key in den.cache for key in (one.key for one in den.cache.entries()))
    den.fetch_path(ModelInfo(A))
    assert den.brought == 2
    den.cache = cache_of(tmp_path, expiration_time=0)
    set_used(den.cache.path, **{f"_{A}": 10**8})
    den.fetch_path(ModelInfo(A))
    assert den.brought == 2


def test_a_path_that_was_handed_out_stays_for_its_grace_even_if_it_expired(
    tmp_path: Path, den: Counting
) -> None:
    den.cache = cache_of(tmp_path, expiration_time=1, grace=600)
    path = den.fetch_path(ModelInfo(A))
    set_used(den.cache.path, **{f"_{A}": 100})
    assert den.fetch_path(ModelInfo(A)) == path
    assert path.is_dir()
    assert den.brought == 1


@pytest.mark.parametrize(
    ("order", "goes"),
    [
        ("least-recently-used", B),
        ("least-recently-stored", A),
        ("LEAST-FREQUENTLY-USED", B),
        ("none", None),
    ],
)
def test_the_limit_is_kept_in_the_chosen_order(
    tmp_path: Path, den: Counting, order: str, goes: str | None
) -> None:
    den.cache = cache_of(tmp_path, max_size=250_000, eviction_policy=order)
    for one in (A, B, A):
        den.fetch_path(ModelInfo(one))
    set_used(den.cache.path, **{f"_{A}": 10, f"_{B}": 20})
    den.fetch_path(ModelInfo(C))
    left = {one.key.partition("-")[0] for one in den.cache.entries()}
    assert left == {A, B, C} - {goes}
    assert len(list((den.cache.path / "packs").iterdir())) == len(left)


def test_what_expired_goes_whatever_the_order(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path, eviction_policy="none", expiration_time=100)
    den.fetch_path(ModelInfo(A))
    set_used(den.cache.path, **{f"_{A}": 101})
    assert [one.key[:16] for one in den.cache.plan()] == [A]
    assert len(den.cache.entries()) == 1  # a plan changes nothing
    den.fetch_path(ModelInfo(B))
    assert [one.key[:16] for one in den.cache.entries()] == [B]


def test_what_is_used_is_never_evicted(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path, max_size=1)
    with den._cached(ModelInfo(A), ignore) as folder:
        den.fetch_path(ModelInfo(B))
        assert (folder / "model_card.json").exists()
        assert A not in {one.key[:16] for one in den.cache.plan()}
    assert den.cache.evict()
    assert not folder.exists()


def test_what_was_used_just_now_stays_for_its_grace(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path, max_size=1, grace=600.0)
    folder = den.fetch_path(ModelInfo(A))
    den.fetch_path(ModelInfo(B))
    assert folder.exists()
    set_used(den.cache.path, **{f"_{A}": 601})
    assert [one.key[:16] for one in den.cache.evict()] == [A]


def test_many_threads_bring_a_model_once(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path)
    start = threading.Barrier(6)
    found: list[object] = []

    def work() -> None:
        start.wait()
        try:
            found.append(den.fetch_path(ModelInfo(A)))
        except BaseException as error:  # noqa: BLE001 - whatever a thread raises
            found.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert isinstance(found[0], Path)
    assert den.brought == 1


def test_a_cancelled_or_failed_fetch_leaves_nothing(tmp_path: Path, den: Counting) -> None:
    den.cache = cache_of(tmp_path)

    def stop(progress: Progress) -> None:
        if progress.step == "Unpacking":
            raise Cancelled

    with pytest.raises(Cancelled):
        den.fetch_path(ModelInfo(A), report=stop)
    pack = tmp_path / "den" / ".medcat-den" / "models" / f"{B}.zip"
    os.truncate(pack, 100)
    with pytest.raises(DamagedArchive):
        den.fetch_path(ModelInfo(B))
    assert den.cache.entries() == ()
    for name in ("incoming", "packs"):
        assert list((den.cache.path / name).iterdir()) == []


def test_a_den_of_medcat_den_is_fetched_through_a_cache(tmp_path: Path) -> None:
    den = get_default_user_local_den(medcat_den(tmp_path / "den"))
    [info] = den.list_available_base_models()
    found = den.backend()
    assert isinstance(found, LocalFileDen)
    found.cache = cache_of(tmp_path)
    assert (den.fetch_path(info) / "vocab" / "raw_dict.dat").exists()
