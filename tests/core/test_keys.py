"""A key is read as people, archives and other tools write it, and written one way."""

from __future__ import annotations

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.cache.layout import parse_repo_folder, repo_folder
from modelkeep.errors import InvalidKey
from modelkeep.keys import ModelKey, is_valid_repo_id


@pytest.mark.parametrize(
    ("text", "key", "written"),
    [
        ("org/name", ModelKey("org/name"), "hf@org/name"),
        ("gpt2", ModelKey("gpt2"), "hf@gpt2"),
        ("hf@org/name@v1.0", ModelKey("org/name", "v1.0"), "hf@org/name@v1.0"),
        ("org/name@refs/pr/4", ModelKey("org/name", "refs/pr/4"), "hf@org/name@refs/pr/4"),
        ("datasets/org/name", ModelKey("org/name", None, "dataset"), "hf-dataset@org/name"),
        ("hf-space@org/name", ModelKey("org/name", None, "space"), "hf-space@org/name"),
        (" org/name ", ModelKey("org/name"), "hf@org/name"),
    ],
)
def test_keys_as_they_are_written(text: str, key: ModelKey, written: str) -> None:
    assert ModelKey.parse(text) == key
    assert str(key) == written
    assert ModelKey.parse(written) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "org/",
        "/name",
        "a/b/c",
        "org/na me",
        "../etc",
        "org/name@",
        "org/name@a..b",
        "hf@",
        "-a/b",
        "a--b/c",
    ],
)
def test_what_no_model_can_be_called_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(InvalidKey) as caught:
        ModelKey.parse(text)
    assert caught.value.hint


@given(st.text(st.sampled_from("aZ0_-./é "), max_size=12))
def test_names_are_valid_as_the_hub_client_says(text: str) -> None:
    try:
        validate_repo_id(text)
        valid = True
    except HFValidationError:
        valid = False
    # Stricter only where the client's word boundaries let a part begin or end with a dash or dot inside the name.
    if is_valid_repo_id(text):
        assert valid
        assert parse_repo_folder(repo_folder("model", text)) == ("model", text)


@given(st.from_regex(r"[A-Za-z0-9_]{1,8}/[A-Za-z0-9_]([A-Za-z0-9_.]{0,6}[A-Za-z0-9_])?", fullmatch=True))
def test_ordinary_names_are_valid(text: str) -> None:
    if ".." not in text and not text.endswith(".git"):
        assert ModelKey.parse(text).repo_id == text
