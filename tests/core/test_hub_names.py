from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.errors import InvalidKey
from modelkeep.hub.names import read_name
from modelkeep.keys import ModelKey

COMMIT = "a" * 40


@pytest.mark.parametrize(
    ("text", "key", "path"),
    [
        ("org/name", "hf@org/name", ""),
        (" org/name@v1 ", "hf@org/name@v1", ""),
        ("gpt2", "hf@gpt2", ""),
        ("hf@org/name", "hf@org/name", ""),
        ("https://huggingface.co/org/name", "hf@org/name", ""),
        ("https://huggingface.co/org/name/", "hf@org/name", ""),
        ("huggingface.co/org/name/tree/main", "hf@org/name@main", ""),
        ("http://10.0.0.5:8080/org/name/tree/v1/folder", "hf@org/name@v1", ""),
        ("https://hub.example/org/name/blob/main/a/config.json#L3", "hf@org/name@main", "a/config.json"),
        ("https://hub.example/org/name/resolve/v1/a%20b.bin?download=true", "hf@org/name@v1", "a b.bin"),
        ("https://hub.example/gpt2/blob/main/config.json", "hf@gpt2@main", "config.json"),
        ("https://hub.example/org/name/resolve/refs%2Fpr%2F4/x.bin", "hf@org/name@refs/pr/4", "x.bin"),
        ("https://hub.example/org/name/tree/refs/pr/4", "hf@org/name@refs/pr/4", ""),
        (f"https://hub.example/org/name/commit/{COMMIT}", f"hf@org/name@{COMMIT}", ""),
        ("https://hub.example/org/name/discussions/7", "hf@org/name", ""),
        ("https://hub.example/org/name.git", "hf@org/name", ""),
        ("https://hub.example/datasets/org/name/blob/main/a.csv", "hf-dataset@org/name@main", "a.csv"),
        ("https://hub.example/api/models/org/name", "hf@org/name", ""),
        ("hf://org/name", "hf@org/name", ""),
        ("hf://org/name@v1/a/b.bin", "hf@org/name@v1", "a/b.bin"),
        ("hf://datasets/org/name@refs/pr/2/a.csv", "hf-dataset@org/name@refs/pr/2", "a.csv"),
    ],
)
def test_what_people_paste_is_understood(text: str, key: str, path: str) -> None:
    assert read_name(text) == (ModelKey.parse(key), path)


@pytest.mark.parametrize(
    "text",
    ["", "https://", "https://huggingface.co/", "https://[", "hf://", "https://hub.example/org/na me", "a b"],
)
def test_what_names_no_model_is_refused(text: str) -> None:
    with pytest.raises(InvalidKey) as caught:
        read_name(text)
    assert caught.value.hint


@given(st.text(max_size=30) | st.text(max_size=30).map("https://hub.example/".__add__))
def test_whatever_is_pasted_is_a_name_or_refused(text: str) -> None:
    try:
        read_name(text)
    except InvalidKey:
        pass
