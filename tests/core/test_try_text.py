"""What models answer to texts: labels, spans, masked words and answers, asked of real ones in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from modelkeep.errors import BadInput, Cancelled, UnsupportedModel
from modelkeep.inference.child.long_texts import parts
from modelkeep.inference.child.tokens import TaggedWord, spans_of
from modelkeep.inference.values import (
    Answered,
    Filled,
    Labelled,
    Output,
    Span,
    Tagged,
    Task,
    TryInputs,
    TryOptions,
)
from support.caches import CacheMaker
from support.try_child import Answer, Ask, Case, ask, request_for

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

LONG = "the day was the day and " * 30
VERY_LONG = "good " * 50_000
ODD = "Anna Smith lives in New York 😀 and Annabel\0 is in Pari\u0301s, 日本 Paris, york\u0301."


def asked(
    task: Task, *texts: str, context: str = "", stop_at: int = 0, cancel_at: int = 0, **options: object
) -> Ask:
    return Ask(task, TryInputs(texts, context), TryOptions(**options), stop_at, cancel_at)  # type: ignore[arg-type]


ASKS: dict[str, tuple[Ask, ...]] = {
    "classifier": (
        asked(Task.TEXT_CLASSIFICATION, "The film was good.", "Awful.", "good", top_k=0),
        asked(Task.TEXT_CLASSIFICATION, f"{LONG} good", top_k=1),
        asked(Task.TEXT_CLASSIFICATION, "good bad", multi_label=True),
        asked(Task.TEXT_CLASSIFICATION, *["good"] * 40, stop_at=2),
        asked(Task.TEXT_CLASSIFICATION, "good", cancel_at=1),
        asked(Task.TEXT_CLASSIFICATION),
        asked(Task.FILL_MASK, "[MASK]"),
        asked(Task.TEXT_CLASSIFICATION, "", "\0😀"),
        asked(Task.TEXT_CLASSIFICATION, VERY_LONG, top_k=1),
    ),
    "multi-label": (
        asked(Task.TEXT_CLASSIFICATION, "a cat in a car", "paris", top_k=0),
        asked(Task.TEXT_CLASSIFICATION, "paris", multi_label=False, top_k=0),
    ),
    "regression": (asked(Task.TEXT_CLASSIFICATION, "good", "awful"),),
    "token-classifier": (
        asked(Task.TOKEN_CLASSIFICATION, ODD, "the day"),
        asked(Task.TOKEN_CLASSIFICATION, f"{LONG}Anna Smith lives in Paris. {LONG} and in New York"),
        # Wherever a window ends, a name on its edge is one name.
        asked(
            Task.TOKEN_CLASSIFICATION,
            *(f"{'day ' * count}anna smith in new york" for count in range(40, 130)),
        ),
        asked(Task.TOKEN_CLASSIFICATION, LONG * 20, stop_at=3),
    ),
    "masked-lm": (
        asked(Task.FILL_MASK, "The capital of France is ___.", "The capital of Germany is <mask>.", top_k=2),
        asked(Task.FILL_MASK, "The capital of France is [MASK], is [MASK].", top_k=0),
        asked(Task.FILL_MASK, "The capital of France is snake_case."),
        asked(Task.FILL_MASK, f"{LONG} [MASK]"),
        asked(Task.FILL_MASK, f"{VERY_LONG} [MASK]"),
    ),
    "answering": (
        asked(
            Task.QUESTION_ANSWERING,
            "Who lives in Paris?",
            context=f"😀 {LONG}Anna Smith lives in Paris. {LONG}",
        ),
        asked(Task.QUESTION_ANSWERING, "Who?", "Who lives here?", context="The film was good."),
        asked(Task.QUESTION_ANSWERING, LONG, context="Anna"),
        asked(Task.QUESTION_ANSWERING, "Who?"),
    ),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels) -> dict[str, Answer]:
    cache = CacheMaker(tmp_path_factory.mktemp("try-text") / "hub")
    for kind in ASKS:
        tiny_models.add(cache, kind)
    cases = [Case(request_for(cache.root, f"tiny/{kind}", asks[0].task), asks) for kind, asks in ASKS.items()]
    return dict(zip(ASKS, ask(cache.root, cases), strict=True))


def outputs(answer: Answer, number: int) -> list[Output]:
    found = answer.outputs[number]
    assert not isinstance(found, Exception), found
    return found


def scores(output: Output) -> dict[str, float]:
    return dict(cast(Labelled, output).labels)


def test_what_is_loaded_is_told(answers: dict[str, Answer]) -> None:
    about = answers["classifier"].about
    assert about is not None
    assert (about.class_name, about.dtype, about.device) == (
        "BertForSequenceClassification",
        "float32",
        "cpu",
    )
    assert (about.context, about.mask, about.chat) == (64, "[MASK]", False)
    assert about.labels == ("negative", "neutral", "positive")
    assert about.parameters > 10_000
    assert {"python", "torch", "transformers", "tokenizers"} == set(about.versions)


def test_each_text_gets_its_labels_the_surest_first(answers: dict[str, Answer]) -> None:
    good, awful, alone = outputs(answers["classifier"], 0)
    assert [label.label for label in cast(Labelled, good).labels] == ["positive", "neutral", "negative"]
    assert sum(scores(good).values()) == pytest.approx(1)
    assert next(iter(scores(awful))) == "negative"
    # Others in the batch, and the padding that they bring, change nothing.
    [same] = outputs(answers["classifier"], 3)[:1]
    assert scores(alone)["positive"] == pytest.approx(scores(same)["positive"], abs=1e-6)
    assert answers["classifier"].tokens[0] == 7 + 4 + 3


def test_a_text_that_is_too_long_is_cut_and_that_is_said(answers: dict[str, Answer]) -> None:
    [cut] = outputs(answers["classifier"], 1)
    assert [label.label for label in cast(Labelled, cut).labels] == ["neutral"]
    assert answers["classifier"].notes[1] == ["A text of 183 tokens was cut to the 64 that the model takes."]
    assert answers["classifier"].notes[0] == []
    assert answers["classifier"].tokens[1] == 64
    assert answers["classifier"].notes[8] == [
        "A text of over 822 tokens was cut to the 64 that the model takes."
    ]


def test_labels_are_of_one_kind_or_several_as_the_model_says_and_the_user_may_say_otherwise(
    answers: dict[str, Answer],
) -> None:
    both, place = outputs(answers["multi-label"], 0)
    assert cast(Labelled, both).multi_label
    assert scores(both)["animals"] > 0.8 < scores(both)["cars"]
    assert scores(both)["places"] < 0.5 < scores(place)["places"]
    [one] = outputs(answers["multi-label"], 1)
    # The odds of each on its own are its share of all, as both come of the same number.
    odds = {label: score / (1 - score) for label, score in scores(place).items()}
    assert scores(one) == pytest.approx({label: value / sum(odds.values()) for label, value in odds.items()})
    [several] = outputs(answers["classifier"], 2)
    assert scores(several)["positive"] > 0.8 < scores(several)["negative"]


def test_a_model_of_a_quantity_gives_it_as_it_is(answers: dict[str, Answer]) -> None:
    good, awful = (scores(output)["quality"] for output in outputs(answers["regression"], 0))
    assert good > 3 > awful


def test_it_ends_between_texts_when_it_is_to(answers: dict[str, Answer]) -> None:
    assert len(outputs(answers["classifier"], 3)) == 16
    assert isinstance(answers["classifier"].outputs[4], Cancelled)
    assert outputs(answers["token-classifier"], 3) == []


def test_what_cannot_be_asked_is_said_and_what_is_odd_is_answered(answers: dict[str, Answer]) -> None:
    nothing, other_task, odd = answers["classifier"].outputs[5:8]
    assert isinstance(nothing, BadInput)
    assert str(nothing) == "There is no text."
    assert isinstance(other_task, UnsupportedModel)
    assert str(other_task) == "tiny/classifier was loaded for text-classification, and not for fill-mask."
    assert isinstance(odd, list)
    assert len(odd) == 2


def test_spans_are_in_characters_of_the_text(answers: dict[str, Answer]) -> None:
    found, nothing = (cast(Tagged, output) for output in outputs(answers["token-classifier"], 0))
    assert nothing.spans == ()
    assert found.text == ODD
    assert [(span.label, span.text) for span in found.spans] == [
        ("PER", "Anna Smith"),
        ("LOC", "New York"),
        ("PER", "Annabel"),
        ("LOC", "Pari\u0301s"),
        ("LOC", "Paris"),
        ("LOC", "york\u0301"),
    ]
    assert all(ODD[span.start : span.end] == span.text for span in found.spans)
    assert all(0.9 < span.score <= 1 for span in found.spans)


def test_a_long_text_is_read_to_its_end(answers: dict[str, Answer]) -> None:
    [found] = (cast(Tagged, output) for output in outputs(answers["token-classifier"], 1))
    assert [span.text for span in found.spans] == ["Anna Smith", "Paris", "New York"]
    assert answers["token-classifier"].notes[1] == []
    for output in outputs(answers["token-classifier"], 2):
        assert [span.text for span in cast(Tagged, output).spans] == ["anna smith", "new york"]


@pytest.mark.parametrize(
    ("tagged", "spans"),
    [
        ("B-X I-X O B-X", ["X:ab", "X:d"]),
        ("B-X B-X I-Y", ["X:a", "X:b", "Y:c"]),
        ("I-X I-X B-X O", ["X:ab", "X:c"]),
        ("B-X E-X S-X E-X", ["X:ab", "X:c", "X:d"]),
        ("B-X L-X U-X O", ["X:ab", "X:c"]),
        ("O B_X I_X O", ["X:bc"]),
        ("X X O X", ["X:ab", "X:d"]),
        ("NOUN NOUN VERB", ["NOUN:a", "NOUN:b", "VERB:c"]),
    ],
)
def test_labelled_words_are_spans_by_any_of_the_usual_schemes(tagged: str, spans: list[str]) -> None:
    labels = tagged.split()
    words = [TaggedWord(2 * at, 2 * at + 1, label, 0.5 + at / 10) for at, label in enumerate(labels)]
    found = list(spans_of("a b c d", words, labels))
    assert [f"{span.label}:{span.text.replace(' ', '')}" for span in found] == spans


def test_a_span_is_as_sure_as_its_words_on_average() -> None:
    words = [TaggedWord(0, 1, "B-X", 1.0), TaggedWord(2, 3, "I-X", 0.5)]
    assert list(spans_of("a b", words, ["O", "B-X", "I-X"])) == [Span(0, 3, "X", 0.75, "a b")]


def test_masks_are_filled_however_they_are_written(answers: dict[str, Answer]) -> None:
    france, germany = (cast(Filled, output) for output in outputs(answers["masked-lm"], 0))
    assert france.text == "The capital of France is [MASK]."
    assert [fill.token for fill in france.masks[0]] == ["paris", "berlin"]
    assert germany.masks[0][0].text == "The capital of Germany is berlin."
    assert germany.masks[0][0].score > germany.masks[0][1].score


def test_each_mask_is_filled_on_its_own(answers: dict[str, Answer]) -> None:
    [several] = (cast(Filled, output) for output in outputs(answers["masked-lm"], 1))
    assert [mask[0].text for mask in several.masks] == [
        "The capital of France is paris, is [MASK].",
        "The capital of France is [MASK], is paris.",
    ]
    assert sum(fill.score for fill in several.masks[0]) == pytest.approx(1, abs=1e-4)
    assert len(several.masks[0]) > 100


def test_without_a_mask_it_is_said_how_one_is_written(answers: dict[str, Answer]) -> None:
    without, long, very_long = answers["masked-lm"].outputs[2:]
    assert isinstance(without, BadInput)
    assert str(without) == "The text has no mask, which this model writes as [MASK]."
    assert isinstance(long, BadInput)
    assert str(long) == "The text has 183 tokens, and the model takes 64."
    assert isinstance(very_long, BadInput)
    assert str(very_long) == "The text has over 822 tokens, and the model takes 64."


def test_an_answer_is_found_in_a_long_context(answers: dict[str, Answer]) -> None:
    context = ASKS["answering"][0].inputs.context
    [found] = (cast(Answered, output) for output in outputs(answers["answering"], 0))
    assert found.text == "Anna Smith" == context[found.start : found.end]
    assert found.score > 0.9


def test_where_there_is_no_answer_none_is_made_up(answers: dict[str, Answer]) -> None:
    for output in outputs(answers["answering"], 1):
        answered = cast(Answered, output)
        assert (answered.text, answered.start, answered.end) == ("", 0, 0)
        assert answered.score > 0.5
    long, nowhere = answers["answering"].outputs[2:]
    assert isinstance(long, BadInput)
    assert str(long) == ("The question has 180 tokens, and the model takes 64 together with the context.")
    assert isinstance(nowhere, BadInput)


def test_the_parts_of_a_long_text_are_all_of_it_cut_between_sentences() -> None:
    text = "It was a good day. " * 20_000 + "x" * 250_000 + "\nEnd"
    found = list(parts(text))
    assert "".join(part for _, part in found) == text
    assert all(text.startswith(part, offset) for offset, part in found)
    assert max(len(part) for _, part in found) <= 100_000
    assert found[0][1].endswith("day. ")
