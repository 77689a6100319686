"""Summaries, translations and whatever else an encoder and a decoder of transformers make of a text.

What a model wants before the text depends on its family:

- T5: a prefix, which config.task_specific_params has for each task, with other settings of generation
- mBART, M2M100, NLLB: the source language set in the tokenizer, the target language as the first token made
- Marian with several target languages: `>>code<<` before the text
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modelkeep.errors import BadInput
from modelkeep.inference.child.asking import refuse_impossible
from modelkeep.inference.child.generation import Loaded, made
from modelkeep.inference.child.long_texts import beginning, note_cut
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Output, Task, TryInputs, TryOptions

__all__ = ["answer"]

_SETTINGS = ("num_beams", "length_penalty", "no_repeat_ngram_size", "early_stopping", "repetition_penalty")
"""What of config.task_specific_params is taken, with the prefix and min_length; max_length the options decide."""

_FEW = 12
"""Languages that an error names."""


def answer(loaded: Loaded, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """What the model makes of each text. One that is longer than what the model takes is cut, which is noted.

    Raises `BadInput` for languages that the model does not know, or that it has to be told.
    """
    refuse_impossible(options)
    if not inputs.texts:
        raise BadInput("There is no text.")
    said = _said_for(loaded, task, options)
    settings = {name: said[name] for name in _SETTINGS if name in said}
    prefix = str(said.get("prefix") or "")
    outputs: list[Output] = []
    context = loaded.about.context
    most = min(options.max_new_tokens, context - 1) if context > 1 else options.max_new_tokens
    least = said.get("min_length") or getattr(loaded.model.generation_config, "min_length", None) or 0
    settings["min_length"] = min(int(least), most)
    with _languages(loaded, task, options) as (mark, more):
        for text in inputs.texts:
            tokens = _tokens(loaded, f"{mark}{prefix}{text}", turn)
            if not tokens:
                raise BadInput("The text is empty.")
            outputs.append(made(loaded, tokens, most, options, turn, settings={**settings, **more}))
            if turn.is_stopped:
                break
    return outputs


def _tokens(loaded: Loaded, text: str, turn: Turn) -> list[int]:
    tokenizer, context = loaded.tokenizer, loaded.about.context
    begun = beginning(lambda text: tokenizer(text)["input_ids"], text, context)
    tokens = list(tokenizer(begun)["input_ids"])
    if not context or (len(tokens) <= context and begun == text):
        return tokens
    note_cut(turn, text, begun, len(tokens), context)
    return list(tokenizer(begun, truncation=True, max_length=context)["input_ids"])


def _said_for(loaded: Loaded, task: Task, options: TryOptions) -> Mapping[str, Any]:
    """What the configuration says for the task; of several translations the one of these languages."""
    params = getattr(loaded.model.config, "task_specific_params", None) or {}
    every: dict[str, dict[str, Any]] = {name: said for name, said in params.items() if isinstance(said, dict)}
    if task is Task.SUMMARIZATION:
        return every.get("summarization") or {}
    pairs = {name: said for name, said in every.items() if name.startswith("translation_")}
    if task is not Task.TRANSLATION or not pairs:
        return {}
    source, target = options.source_language, options.target_language
    fitting = [
        name
        for name in pairs
        for first, _, last in [name.removeprefix("translation_").partition("_to_")]
        if source in ("", first) and target in ("", last)
    ]
    if len(fitting) != 1:
        known = ", ".join(name.removeprefix("translation_").replace("_to_", " to ") for name in sorted(pairs))
        raise BadInput(
            "This model does not translate between these languages."
            if not fitting
            else "This model translates into several languages, and has to be told which.",
            hint=f"It knows: {known}.",
        )
    return pairs[fitting[0]]


@contextmanager
def _languages(loaded: Loaded, task: Task, options: TryOptions) -> Iterator[tuple[str, dict[str, Any]]]:
    """What stands before a text, and what to set for generation, for the languages that were asked for.

    The tokenizer is as it was afterwards: the next who asks may leave the languages to the model.
    """
    tokenizer, source, target = loaded.tokenizer, options.source_language, options.target_language
    if task is not Task.TRANSLATION:
        yield "", {}
    elif hasattr(tokenizer, "src_lang"):
        codes = _codes(tokenizer)
        for language in filter(None, (source, target)):
            if language not in codes:
                raise _unknown(language, codes)
        forced = codes.get(target, getattr(loaded.model.generation_config, "forced_bos_token_id", None))
        if forced is None:
            raise _not_told(codes)
        before = tokenizer.src_lang
        tokenizer.src_lang = source or before
        try:
            yield "", {"forced_bos_token_id": forced}
        finally:
            tokenizer.src_lang = before
    elif marks := list(getattr(tokenizer, "supported_language_codes", ())):
        # With a code of its own in the text the user has said it already.
        codes = {mark.removeprefix(">>").removesuffix("<<"): 0 for mark in marks}
        if target and target not in codes:
            raise _unknown(target, codes)
        yield f">>{target}<< " if target else "", {}
    else:
        _refuse_others(loaded, source, target)
        yield "", {}


def _refuse_others(loaded: Loaded, source: str, target: str) -> None:
    """Raise for languages asked of a model of one pair alone, where it says that it is another."""
    if getattr(loaded.model.config, "task_specific_params", None):
        return  # the prefix has said it
    of = loaded.tokenizer
    pairs = ((source, getattr(of, "source_lang", None)), (target, getattr(of, "target_lang", None)))
    for asked, has in pairs:
        if asked and has and asked != has:
            raise BadInput(
                f"This model does not translate {'into' if asked == target else 'from'} “{asked}”."
            )
        if asked and not has:
            raise BadInput(
                "This model does not say what languages it knows, so none can be chosen.",
                hint="Leave the languages out.",
            )


def _codes(tokenizer: Any) -> dict[str, int]:
    """The languages of a tokenizer as the model names them, and their tokens."""
    if of_each := getattr(tokenizer, "lang_code_to_token", None):  # M2M100
        return {code: tokenizer.convert_tokens_to_ids(token) for code, token in of_each.items()}
    if of_each := getattr(tokenizer, "lang_code_to_id", None):  # mBART
        return dict(of_each)
    named = {
        getattr(tokenizer, f"{name}_token", None)
        for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
    }
    return {token: number for token, number in tokenizer.get_added_vocab().items() if token not in named}


def _unknown(language: str, codes: Mapping[str, int]) -> BadInput:
    return BadInput(f"This model knows no language “{language}”.", hint=_known(codes))


def _not_told(codes: Mapping[str, int]) -> BadInput:
    return BadInput("This model has to be told into which language to translate.", hint=_known(codes))


def _known(codes: Mapping[str, int]) -> str:
    some = sorted(codes)[:_FEW]
    return f"It knows: {', '.join(some)}{' and others' if len(codes) > _FEW else ''}."
