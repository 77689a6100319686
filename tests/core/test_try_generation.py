"""Text generation, summaries and translations by a real worker, with tiny models whose words are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING

import pytest

from modelkeep.errors import BadInput, Cancelled, InferenceError
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import Backend, Generated, Message, Task, TryInputs, TryOptions
from modelkeep.progress import Progress
from support.caches import CacheMaker
from support.loaded_workers import load_request, loaded_worker
from support.try_child import Answer, Ask, Case, ask

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)

STORY = " upon time there lived a small model that ran on one machine"
WILD = 30.0
"""A temperature at which these models say anything."""
TEMPLATES = {
    "refusing": "{{ raise_exception('No system here') }}",
    "spying": "{{ ''.__class__.__mro__ }}",
    "broken": "{% for",
}
TALK = (Message("system", "Be kind."), Message("user", "Hi!"))
ASKS = {
    "chatting": (
        Ask(Task.TEXT_GENERATION, TryInputs(texts=("Hi!",))),
        Ask(Task.TEXT_GENERATION, TryInputs(texts=("once",)), TryOptions(chat=False)),
        Ask(Task.TEXT_GENERATION, TryInputs(messages=TALK)),
        Ask(Task.TEXT_GENERATION, TryInputs(("Again?",), messages=(*TALK, Message("assistant", "hello")))),
    ),
    **{name: (Ask(Task.TEXT_GENERATION, TryInputs(texts=("Hi!",))),) for name in TEMPLATES},
    "translator": (
        Ask(
            Task.TRANSLATION,
            TryInputs(texts=("hello world", "goodbye")),
            TryOptions(source_language="en", target_language="fr"),
        ),
        Ask(Task.TRANSLATION, TryInputs(texts=("hello",)), TryOptions(target_language="de")),
        Ask(Task.SUMMARIZATION, TryInputs(texts=("goodbye friend",))),
        Ask(Task.TEXT2TEXT_GENERATION, TryInputs(texts=("hello " * 40,))),
    ),
    "languages": tuple(
        Ask(
            Task.TRANSLATION,
            TryInputs(texts=("hello",)),
            TryOptions(source_language=source, target_language=target),
        )
        for source, target in (("", "fra_Latn"), ("fra_Latn", "deu_Latn"), ("", ""), ("", "Klingon"))
    ),
    "beams": (
        Ask(Task.TEXT2TEXT_GENERATION, TryInputs(texts=("hello",))),
        Ask(Task.TEXT2TEXT_GENERATION, TryInputs(texts=("hello",)), stop_at=1),
    ),
}


@pytest.fixture(scope="module")
def models(tiny_models: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> CacheMaker:
    cache = CacheMaker(tmp_path_factory.mktemp("models") / "cache")
    for kind in ("causal", "chatting", "languages"):
        tiny_models.add(cache, kind)
    for name, template in TEMPLATES.items():
        tiny_models.add(cache, "chatting", f"tiny/{name}", {"chat_template.jinja": template.encode()})

    def changed(name: str, **more: object) -> dict[str, bytes]:
        return {name: json.dumps(json.loads(tiny_models.files("translator")[name]) | more).encode()}

    short = changed("tokenizer_config.json", model_max_length=16)
    tiny_models.add(cache, "translator", changed=short)
    tiny_models.add(cache, "translator", "tiny/beams", short | changed("generation_config.json", num_beams=3))
    # It may not end, and no text is too long for it.
    endless = changed("tokenizer_config.json", model_max_length=1 << 30)
    endless |= changed("generation_config.json", min_length=1 << 20)
    tiny_models.add(cache, "translator", "tiny/endless", endless)
    return cache


@pytest.fixture(scope="module")
def teller(models: CacheMaker) -> Iterator[WorkerProcess]:
    request = load_request(models, "tiny/causal", Backend.TRANSFORMERS, Task.TEXT_GENERATION)
    with loaded_worker(request) as (worker, _):
        yield worker


@pytest.fixture(scope="module")
def endless(models: CacheMaker) -> Iterator[WorkerProcess]:
    request = load_request(models, "tiny/endless", Backend.TRANSFORMERS, Task.TEXT2TEXT_GENERATION)
    with loaded_worker(request) as (worker, _):
        yield worker


@pytest.fixture(scope="module")
def answers(models: CacheMaker) -> dict[str, Answer]:
    """What comes of `ASKS`, by the model's name, out of one process for all of them."""
    cases = [
        Case(load_request(models, f"tiny/{name}", Backend.TRANSFORMERS, asks[0].task), asks)
        for name, asks in ASKS.items()
    ]
    return dict(zip(ASKS, ask(models.root, cases), strict=True))


def told(worker: WorkerProcess, text: str = "once", **options: object) -> Generated:
    ran = worker.run(Task.TEXT_GENERATION, TryInputs(texts=(text,)), TryOptions(**options))  # type: ignore[arg-type]
    (output,) = ran.outputs
    assert isinstance(output, Generated)
    return output


# ---- generation


def test_a_text_comes_in_pieces_and_ends(teller: WorkerProcess) -> None:
    pieces: list[str] = []
    ran = teller.run(Task.TEXT_GENERATION, TryInputs(texts=("once", " small")), emit=pieces.append)
    assert ran.outputs == (Generated(STORY, 13, "end"), Generated(" model that ran on one machine", 7, "end"))
    assert pieces[:3] == [" upon", " time", " there"]
    assert "".join(pieces) == STORY + " model that ran on one machine"
    assert ran.tokens == 20
    assert not ran.notes


def test_it_is_as_long_as_it_may_be(teller: WorkerProcess) -> None:
    assert told(teller, max_new_tokens=3) == Generated(" upon time there", 3, "length")


def test_it_ends_before_a_text_over_several_tokens(teller: WorkerProcess) -> None:
    pieces: list[str] = []
    options = TryOptions(stop=("nowhere", "small mo"))
    ran = teller.run(Task.TEXT_GENERATION, TryInputs(texts=("once",)), options, emit=pieces.append)
    assert ran.outputs == (Generated(" upon time there lived a ", 7, "stop"),)
    assert "".join(pieces) == " upon time there lived a "


def test_the_same_seed_gives_the_same_text(teller: WorkerProcess) -> None:
    one, other, same = (told(teller, temperature=WILD, seed=seed, max_new_tokens=20) for seed in (1, -2, 1))
    assert one == same
    assert one != other
    assert told(teller, temperature=WILD, max_new_tokens=20) != told(
        teller, temperature=WILD, max_new_tokens=20
    )
    # With no more than the likeliest to choose from it is as without a temperature.
    assert told(teller, temperature=1.0, top_p=1e-6, seed=3).text == STORY


def test_what_is_made_of_bytes_is_passed_on_as_it_stays(teller: WorkerProcess) -> None:
    pieces: list[str] = []
    options = TryOptions(temperature=WILD, seed=5, max_new_tokens=50)
    ran = teller.run(Task.TEXT_GENERATION, TryInputs(texts=("漢🙂\0 once",)), options, emit=pieces.append)
    (output,) = ran.outputs
    assert isinstance(output, Generated)
    assert "".join(pieces) == output.text


def test_an_empty_text_begins_with_the_token_of_beginnings(teller: WorkerProcess) -> None:
    assert told(teller, "").finish in ("end", "length")


def test_a_text_longer_than_the_context_is_refused(teller: WorkerProcess) -> None:
    with pytest.raises(BadInput, match=r"has 101 tokens, and the model takes 64"):
        told(teller, "once " * 100)
    assert told(teller).text == STORY


def test_a_full_context_is_noted(teller: WorkerProcess) -> None:
    inputs = TryInputs(texts=(" once" * 60,))
    ran = teller.run(Task.TEXT_GENERATION, inputs, TryOptions(max_new_tokens=50))
    assert ran.outputs == (Generated(" upon time there lived", 4, "length"),)
    assert ran.notes == ("It ended after 4 tokens, as the model takes 64 with those of the text.",)


def test_a_model_without_a_template_has_no_conversation(teller: WorkerProcess) -> None:
    with pytest.raises(BadInput, match="no chat template"):
        told(teller, chat=True)


# ---- conversations, summaries and translations


def test_a_text_is_put_into_the_template(answers: dict[str, Answer]) -> None:
    hello = [Generated("hello friend", 3, "end")]
    in_template, as_it_is, conversation, on_in_conversation = answers["chatting"].outputs
    assert in_template == conversation == on_in_conversation == hello
    assert as_it_is == [Generated(STORY, 13, "end")]
    about = answers["chatting"].about
    assert about is not None
    assert about.chat


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("refusing", BadInput, "No system here"),
        ("spying", BadInput, "unsafe"),
        ("broken", BadInput, "chat template"),
    ],
)
def test_a_template_that_fails_is_a_sentence(
    answers: dict[str, Answer], name: str, error: type[InferenceError], words: str
) -> None:
    (came,) = answers[name].outputs
    assert isinstance(came, error)
    assert words in str(came)
    assert "\n" not in str(came)


def test_a_translation_takes_the_prefix_of_its_languages(answers: dict[str, Answer]) -> None:
    told = answers["translator"]
    assert told.outputs[0] == [Generated("bonjour monde", 3, "end"), Generated("au revoir", 3, "end")]
    assert told.tokens[0] == 6


def test_a_language_that_it_does_not_know_is_named_with_those_it_does(answers: dict[str, Answer]) -> None:
    refused = answers["translator"].outputs[1]
    assert isinstance(refused, BadInput)
    assert str(refused) == "This model does not translate between these languages."
    assert refused.hint == "It knows: en to fr."


def test_a_translation_begins_with_the_language_that_is_asked_for(answers: dict[str, Answer]) -> None:
    french, german, not_told, unknown = answers["languages"].outputs
    assert french == [Generated("f", 3, "end")]
    assert german == [Generated("d", 3, "end")]
    assert isinstance(not_told, BadInput)
    assert isinstance(unknown, BadInput)
    assert "“Klingon”" in str(unknown)
    assert not_told.hint == unknown.hint == "It knows: deu_Latn, eng_Latn, fra_Latn."


def test_the_same_model_summarises(answers: dict[str, Answer]) -> None:
    assert answers["translator"].outputs[2] == [Generated("au revoir", 3, "end")]


def test_a_long_text_is_cut_and_that_is_noted(answers: dict[str, Answer]) -> None:
    told = answers["translator"]
    assert told.outputs[3] == [Generated("bonjour monde", 3, "end")]
    assert told.notes[3] == ["A text of 41 tokens was cut to the 16 that the model takes."]


def test_several_beams_say_the_best_at_the_end(answers: dict[str, Answer]) -> None:
    whole, stopped = answers["beams"].outputs
    assert whole == [Generated("bonjour monde", 3, "end")]
    assert stopped == [Generated("bonjour", 1, "stopped")]


def test_what_would_never_end_is_stopped(endless: WorkerProcess) -> None:
    stop = Event()
    inputs, options = TryInputs(texts=("hello",)), TryOptions(max_new_tokens=1 << 20)
    ran = endless.run(
        Task.TEXT2TEXT_GENERATION, inputs, options, emit=lambda piece: stop.set(), stopped=stop, seconds=60
    )
    (output,) = ran.outputs
    assert isinstance(output, Generated)
    assert output.finish == "stopped"
    assert output.text.startswith("bonjour")
    assert ran.stopped


def test_what_nobody_wants_any_more_ends_and_the_next_is_answered(endless: WorkerProcess) -> None:
    def give_up(progress: Progress) -> None:
        if progress.step == "Generating":
            raise Cancelled

    inputs, options = TryInputs(texts=("hello",)), TryOptions(max_new_tokens=1 << 20)
    with pytest.raises(Cancelled):
        endless.run(Task.TEXT2TEXT_GENERATION, inputs, options, report=give_up, seconds=60)
    ran = endless.run(Task.TEXT2TEXT_GENERATION, inputs, TryOptions(max_new_tokens=1))
    assert ran.outputs == (Generated("bonjour", 1, "length"),)
