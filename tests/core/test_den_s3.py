"""A den in a store by S3, with its key given as credentials."""

from __future__ import annotations

from pathlib import Path

from modelkeep.den import Den, LocalDenConfig, LocalFileDen, ModelInfo, get_default_den
from modelkeep.den.kinds import DenType
from support.dens import BASE, LAST, MIDDLE, medcat_den
from support.s3.store import S3Store

pytest_plugins = ("support.s3.fixtures",)


def test_a_den_is_synced_to_s3_and_back(tmp_path: Path, s3_store: S3Store) -> None:
    remote = get_default_den(
        "remote",
        host=s3_store.url,
        credentials={
            "aws_access_key_id": s3_store.credentials.key_id,
            "aws_secret_access_key": s3_store.credentials.secret,
        },
        local_cache_path=tmp_path / "cache",
        remote_allow_push_fine_tuned=True,
    ).backend()
    places = [medcat_den(tmp_path / "one"), tmp_path / "two"]
    local = [LocalFileDen(LocalDenConfig(DenType.LOCAL_USER, place)) for place in places]
    den = Den({"one": local[0], "s3": remote, "two": local[1]}, "one")
    den.sync_backend("one", "s3")
    assert {one.model_id for one in den.list_available_derivative_models(ModelInfo(BASE), "s3")} == {
        MIDDLE,
        LAST,
    }
    den.sync_backend("s3", "two")
    assert den.list_available_models("two") == den.list_available_models("one")
    den.delete_model(ModelInfo(LAST), backend_name="s3")
    assert not den.has_model(ModelInfo(LAST), "s3")
