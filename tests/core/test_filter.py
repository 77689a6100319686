from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.filter import EVERYTHING, parse_filter
from support.rows import DAY, NOW, model_row

STATES = ("damaged", "incomplete", "whole", "unproven", "pinned", "unused", "custom-code")


def passes(text: str, **values: Any) -> bool:
    found = parse_filter(text)
    assert found.errors == ()
    return found.matches(model_row(**values), NOW)


@pytest.mark.parametrize(
    "values",
    [
        {"repo_id": "google/BERT-base"},
        {"tags": ("bert", "safetensors")},
        {"library": "adapter-bert"},
        {"task": "bert-task"},
        {"note": "our Bert for ward 3"},
        {"languages": ("bert",)},
    ],
)
def test_a_plain_word_is_found_in_every_searched_place_in_any_case(values: dict[str, Any]) -> None:
    assert passes("bErT", **values)
    assert not passes("bErTa", **values)


def test_all_words_must_be_there_in_any_order() -> None:
    assert passes("base google", repo_id="google/bert-base")
    assert not passes("base google xl", repo_id="google/bert-base")


def test_words_in_quotes_are_one() -> None:
    assert passes('"ward 3"', note="for ward 3")
    assert not passes('"3 ward"', note="for ward 3")


def test_a_minus_turns_any_term_round() -> None:
    assert passes("-bert", repo_id="openai/gpt2")
    assert not passes("-bert", repo_id="google/bert")
    assert passes("-size>1GB", size=5)
    assert not passes("-is:pinned", pinned=True)


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("size>1GB", 1_000_000_001, True),
        ("size>1GB", 1_000_000_000, False),
        ("size>=1gb", 1_000_000_000, True),
        ("size<500MB", 499_999_999, True),
        ("size<1GiB", 1 << 30, False),
        ("size<=1.5k", 1500, True),
        ("size>1,5kB", 1500, False),
        ("size>20B", 21, True),
    ],
)
def test_sizes_are_compared_in_the_unit_that_was_written(text: str, size: int, expected: bool) -> None:
    assert passes(text, size=size) is expected
    assert passes(text.replace("size", "frees"), frees=size) is expected


def test_used_looks_at_the_last_use_and_leaves_out_what_was_never_used() -> None:
    assert passes("used<7d", last_used=NOW - 6 * DAY)
    assert not passes("used<7d", last_used=NOW - 8 * DAY)
    assert passes("used>1w", last_used=NOW - 8 * DAY)
    assert not passes("used>1w", last_used=0.0)


def test_a_model_that_came_yesterday_is_not_unused_for_long() -> None:
    assert not passes("unused>90d", last_used=0.0, modified=NOW - DAY)
    assert passes("unused>90d", last_used=0.0, modified=NOW - 91 * DAY)
    assert passes("unused>3m unused<1y", last_used=NOW - 100 * DAY, modified=NOW - 500 * DAY)


def test_a_task_goes_by_its_short_name_too() -> None:
    assert passes("task:ner", task="token-classification")
    assert passes("task:classif", task="token-classification")
    assert passes("task:embeddings", task="sentence-similarity")
    assert passes("task:embeddings", task="feature-extraction")
    assert not passes("task:ner", task="text-generation")


def test_a_colon_is_contains_and_an_equals_sign_is_exactly() -> None:
    assert passes("library:transformers", library="sentence-transformers")
    assert not passes("library=transformers", library="sentence-transformers")
    assert passes("org:google", repo_id="google-bert/bert-base")
    assert not passes("org=google", repo_id="google-bert/bert-base")
    assert passes("org=google", repo_id="Google/bert-base")


@pytest.mark.parametrize("field", ["library", "task", "licence", "language", "format", "org"])
def test_none_finds_what_says_nothing(field: str) -> None:
    empty = {"repo_id": "gpt2", "library": "", "task": "", "licence": "", "languages": (), "formats": ()}
    filled = {
        "repo_id": "org/gpt2",
        "library": "x",
        "task": "x",
        "licence": "x",
        "languages": ("x",),
        "formats": ("x",),
    }
    assert passes(f"{field}=none", **empty)
    assert not passes(f"{field}=none", **filled)


def test_both_spellings_of_licence() -> None:
    assert passes("licence:apache", licence="apache-2.0")
    assert passes("license:apache", licence="apache-2.0")


def test_a_language_is_a_code_with_or_without_its_region() -> None:
    assert passes("language:zh", languages=("en", "zh-CN"))
    assert not passes("language:z", languages=("zh",))
    assert not passes("language:en", languages=("ben",))


def test_formats_types_and_states() -> None:
    assert passes("format:pickle", formats=("safetensors", "pickle"))
    assert not passes("format:pickle", formats=("safetensors",))
    assert passes("type:dataset", repo_type="dataset")
    assert passes("is:damaged", state="damaged")
    assert passes("is:incomplete", state="whole", incomplete=7)
    assert passes("is:whole -is:pinned", state="whole")
    assert passes("is:custom-code", custom_code=True)
    assert passes("is:dangerous", safety="dangerous")
    assert not passes("is:dangerous", safety="notice")
    assert passes("is:unused", last_used=NOW - 91 * DAY, modified=0.0)
    assert not passes("is:unused", last_used=0.0, modified=0.0)


def test_the_beginning_of_a_choice_is_enough() -> None:
    assert passes("is:dam", state="damaged")
    assert passes("type:data", repo_type="dataset")


def test_parameters_that_are_not_known_are_neither_more_nor_less() -> None:
    assert passes("params>=7B", parameters=7_000_000_000)
    assert not passes("params<7B", parameters=0)


def test_quotes_make_a_field_a_plain_word() -> None:
    assert passes('"license:mit"', tags=("license:mit",))
    assert passes('library:"sentence transformers"', library="sentence transformers")


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        ("bert size>1", "size>1", "size needs a number with a unit, as in size>1GB."),
        ("size:1GB x", "size:1GB", "size needs a number with a unit, as in size>1GB."),
        ("unused>90", "unused>90", "unused needs a time with a unit (h, d, w, m, y), as in unused>90d."),
        ("a task: b", "task:", "task needs a value, as in task:fill-mask."),
        ("-taks:ner", "-taks:ner", "There is no “taks” to filter by. Did you mean task?"),
        (
            "is:un",
            "is:un",
            f"is takes {', '.join(STATES)} or dangerous, as in is:damaged.",
        ),
        (
            "arxiv:1810.04805",
            "arxiv:1810.04805",
            'There is no “arxiv” to filter by. To look for the text, put it in quotes: "arxiv:1810.04805".',
        ),
    ],
)
def test_a_wrong_term_is_explained_at_its_place(text: str, part: str, message: str) -> None:
    (error,) = parse_filter(text).errors
    assert text[error.start : error.end] == part
    assert error.message == message


def test_a_wrong_term_does_not_filter_and_the_others_do() -> None:
    found = parse_filter("bert size>lots")
    assert found.matches(model_row(repo_id="google/bert", size=0), NOW)
    assert not found.matches(model_row(repo_id="openai/gpt2"), NOW)


def test_nothing_typed_lets_everything_through() -> None:
    for text in ("", "  ", "-", '"'):
        found = parse_filter(text)
        assert found.passes_all
        assert found.errors == ()
    assert EVERYTHING.passes_all
    assert not parse_filter("x").passes_all


terms = st.one_of(
    st.text(),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "-"]),
        st.sampled_from(
            ["size", "unused", "used", "task", "is", "type", "language", "params", "org", "bogus"]
        ),
        st.sampled_from([":", "=", ">", "<", ">=", "<=", ""]),
        st.text(max_size=12) | st.sampled_from(["1GB", "90d", "9" * 400, "1e9", '"a b', "none"]),
    ),
)


@given(st.lists(terms).map(" ".join))
def test_any_text_is_read_and_applied_without_raising(text: str) -> None:
    found = parse_filter(text)
    found.matches(model_row(), NOW)
    for error in found.errors:
        assert 0 <= error.start < error.end <= len(text)


@given(st.text(alphabet=st.characters(exclude_characters='"'), min_size=1))
def test_any_text_in_quotes_is_found_in_a_note(text: str) -> None:
    assert passes(f'"{text}"', note=f"before {text} after")


def test_where_tells_what_a_remote_has_and_what_is_here() -> None:
    rows = {where: model_row(where=where) for where in ("here", "there", "both", "newer", "")}

    def found(text: str) -> list[str]:
        return [where for where, one in rows.items() if parse_filter(text).matches(one, 0.0)]

    assert found("where:here") == ["here"]
    assert found("where:there") == ["there", "newer"]
    assert found("where:newer") == ["newer"]
    assert found("-where:here") == ["there", "both", "newer", ""]
    assert "where takes" in parse_filter("where:x").errors[0].message
