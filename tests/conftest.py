from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.caches import CacheMaker

# Before the one application of the tests is made: it chooses its platform once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Tiny models gain nothing by threads, and those that wait for work turn in circles.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# What says where models are registered, and how much is done at once.
_OF_THE_REGISTRY = (
    "MODELKEEP_MODELS_DIR",
    "MEDVL_MEDICAL_MODELS_DIR",
    "MEDVL_CACHE_DIR",
    "MODELKEEP_TRAIN_TASKS",
    "MLP_TRAIN_TASK_NUM",
)

# What says which hub is used, and how it is reached.
_OF_A_HUB = (
    "HF_ENDPOINT",
    "HF_TOKEN",
    "HF_TOKEN_PATH",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_HUB_OFFLINE",
    "TRANSFORMERS_OFFLINE",
    "MODELKEEP_OFFLINE",
    "MODELKEEP_SIGN_PASSWORD",
    *(f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")),
    *(f"{scheme}_PROXY" for scheme in ("HTTP", "HTTPS", "ALL", "NO")),
)


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a home of its own: no test sees or touches the user's caches, settings or catalog."""
    home = tmp_path_factory.mktemp("home")
    for name in (
        *("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"),
        *_OF_A_HUB,
        *_OF_THE_REGISTRY,
    ):
        monkeypatch.delenv(name, raising=False)
    for name in [one for one in os.environ if one.startswith(("AWS_", "MODELKEEP_DEN_", "MEDCAT_DEN_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # The keyring of whoever runs the tests is not asked.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("MODELKEEP_HOME", str(home / "modelkeep"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def cache(tmp_path: Path) -> CacheMaker:
    """An empty cache to build models in."""
    return CacheMaker(tmp_path / "hub")
