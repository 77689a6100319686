"""A card says what a model is; whatever is wrong with it is a note."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from huggingface_hub import ModelCardData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.metadata.card import read_card, read_card_text
from modelkeep.metadata.facts import Facts


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return tmp_path / "README.md"


def read(card: Path, content: str | bytes) -> Facts:
    card.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_card(card)


def test_a_card_says_what_the_model_is(card: Path) -> None:
    facts = read(
        card,
        "---\nlicense: mit\nlanguage:\n- en\n- 'no'\ntags: [medical, ner]\nlibrary_name: transformers\n"
        "pipeline_tag: token-classification\nbase_model: dmis-lab/biobert-v1.1\n"
        "datasets:\n- ncbi_disease\n---\n# Hello\n",
    )

    assert facts == Facts(
        licence="mit",
        languages=("en", "no"),
        tags=("medical", "ner"),
        library="transformers",
        task="token-classification",
        base_models=("dmis-lab/biobert-v1.1",),
        datasets=("ncbi_disease",),
    )


def test_a_card_that_the_hub_client_wrote_is_read_back(card: Path) -> None:
    data = ModelCardData(
        language=["de", "no", "yo"],
        license="other",
        license_name="llama3.1: “community”",
        library_name="peft",
        tags=["on", "1.0", "2024-01-01", "~x", "- a"],
        datasets=["a/b"],
        base_model=["x/y", "z/w"],
        model_name="null",
        pipeline_tag="text-generation",
    )

    facts = read(card, f"---\n{data.to_yaml()}\n---\n\nText")

    assert facts == Facts(
        licence="llama3.1: “community”",
        languages=("de", "no", "yo"),
        tags=("on", "1.0", "2024-01-01", "~x", "- a"),
        library="peft",
        task="text-generation",
        base_models=("x/y", "z/w"),
        datasets=("a/b",),
    )


def test_a_language_without_quotes_stays_a_language(card: Path) -> None:
    assert read(card, "---\nlanguage: no\nlicense: 1.0\n---\n") == Facts(languages=("no",), licence="1.0")


@pytest.mark.parametrize(
    "content", ["", "# Only text\n", "---\n---\n", "---\nlicense:\ntags: ~\n---", "--- x\na: b\n---"]
)
def test_a_card_that_says_nothing_is_no_note(card: Path, content: str) -> None:
    assert read(card, content) == Facts()


def test_a_card_from_windows_is_read(card: Path) -> None:
    assert read(card, "\ufeff---\r\nlicense: mit\r\n---\r\nText\r\n") == Facts(licence="mit")
    assert read_card_text(card) == "Text\r\n"


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"---\nlicense: [mit\n---\n", "The front matter of the card is not YAML, line 3."),
        (b"---\n- mit\n---\n", "The front matter of the card is not a list of fields."),
        (b"---\nlicense: mit\n", "The front matter of the card has no end."),
        (b"---\n\x00\n---\n", "The front matter of the card is not YAML."),
        (b"---\na: " + b"[" * 100_000 + b"\n---\n", "The front matter of the card is nested too deeply."),
        (b"---\na: &a [*a]\n---\n", "The front matter of the card is not YAML, line 2."),
        (b"---\n" + b"# long\n" * 50_000 + b"---\n", "The front matter of the card has no end."),
    ],
)
def test_a_broken_card_is_a_note(card: Path, content: bytes, note: str) -> None:
    assert read(card, content) == Facts(notes=(note,))


def test_a_clone_without_its_large_files_is_a_note(card: Path) -> None:
    [note] = read(card, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n").notes

    assert note.startswith("This is the pointer that Git LFS leaves in place of the file.")
    assert "git lfs pull" in note


def test_a_field_of_the_wrong_type_is_a_note_and_the_others_are_read(card: Path) -> None:
    facts = read(card, "---\nlicense: mit\ntags: {a: b}\nlanguage: [en, {x: y}, en]\n---\n")

    assert facts == Facts(
        licence="mit",
        languages=("en",),
        notes=(
            "The card's field “language” has something in it that is not text.",
            "The card's field “tags” has something in it that is not text.",
        ),
    )


def test_a_card_that_is_not_utf8_is_a_note_and_still_read(card: Path) -> None:
    facts = read(card, "---\nlicense: mit\n---\nÄrger".encode("latin-1"))

    assert facts == Facts(licence="mit", notes=("The card is not UTF-8.",))
    assert read_card_text(card) == "\ufffdrger"


def test_a_character_across_the_limit_is_no_note(card: Path) -> None:
    before = "---\nlicense: mit\n---\n"
    assert read(card, before + "x" * (262_144 - len(before) - 1) + "ä" * 100) == Facts(licence="mit")


def test_aliases_that_would_grow_without_end_are_harmless(card: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]

    assert (
        read(card, "---\n" + "\n".join([*lines, "license: mit", "tags: *a29"]) + "\n---\n").licence == "mit"
    )


def test_the_text_of_a_card_is_what_follows_the_front_matter(card: Path) -> None:
    read(card, "---\nlicense: mit\n---\n\n# Title\n\n---\n\nText\n")

    assert read_card_text(card) == "# Title\n\n---\n\nText\n"
    assert read_card_text(card.with_name("missing.md")) == ""


def test_a_card_without_an_end_is_all_text(card: Path) -> None:
    card.write_text("---\nlicense: mit\n")

    assert read_card_text(card) == "---\nlicense: mit\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(card: Path) -> None:
    os.mkfifo(card)

    assert read_card(card) == Facts(notes=("This is no regular file.",))
    assert read_card_text(card) == ""


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text("-[]{}:&*!|>'\"#, \n\tab\x00", max_size=200).map(lambda text: f"---\n{text}\n---\n".encode()),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_no_bytes_make_a_card_raise(card: Path, content: bytes) -> None:
    facts = read(card, content)
    read_card_text(card)

    assert all(isinstance(tag, str) for tag in facts.tags)
    assert Facts.from_json(facts.to_json()) == facts
