"""Text generation with transformers, a token at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, Protocol

from modelkeep.errors import BadInput, RuntimeMissing
from modelkeep.inference.child.asking import (
    Conversation,
    does_not_take,
    note_full,
    prompts,
    refuse_endless,
    refuse_impossible,
    room,
)
from modelkeep.inference.child.long_texts import beginning
from modelkeep.inference.child.numbers import refuse_no_numbers
from modelkeep.inference.child.streaming import REPLACEMENT, Growing, Pieces
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Generated, LoadedModel, Output, TryInputs, TryOptions

__all__ = ["Loaded", "answer", "made"]

_CONTEXT_OF_PIECES = 4
"""Tokens of the prompt that the first piece is read with: whether a word begins with a space depends on them."""


class Loaded(Protocol):
    """A model of transformers that makes text, and its tokenizer."""

    model: Any
    tokenizer: Any
    about: LoadedModel


def answer(loaded: Loaded, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """Go on from each text, or answer it where the model has a chat template; see `prompts`.

    Raises `BadInput` for a text that is longer than the model's context, and for a conversation that it cannot have.
    """
    refuse_impossible(options)
    has_template = bool(getattr(loaded.tokenizer, "chat_template", None))
    outputs: list[Output] = []
    for prompt in prompts(inputs, options, has_template):
        tokens = _tokens(loaded, prompt)
        most = room(len(tokens), loaded.about.context, options.max_new_tokens)
        text = made(loaded, tokens, most, options, turn, before=tokens)
        note_full(text, options, loaded.about.context, turn)
        outputs.append(text)
        if turn.is_stopped:
            break
    return outputs


def made(
    loaded: Loaded,
    tokens: Sequence[int],
    most: int,
    options: TryOptions,
    turn: Turn,
    *,
    before: Sequence[int] = (),
    settings: Mapping[str, object] | None = None,
) -> Generated:
    """The text that the model makes of these tokens; of a decoder alone they stand `before` it.

    What the options do not set is as the model's generation_config says, and `settings` before that.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

    growing = Growing(turn, options.stop, most)
    if turn.is_stopped:
        growing.finish = "stopped"
        return growing.end()
    model, said = loaded.model, loaded.model.generation_config
    ends = _ends(loaded)
    wanted: dict[str, Any] = {
        **(settings or {}),
        **_sampling(options),
        "max_new_tokens": most,
        "num_return_sequences": 1,
    }
    if ends:
        wanted["eos_token_id"] = sorted(ends)
        if getattr(said, "pad_token_id", None) is None:
            # Nothing is padded where one text is made at a time; without one transformers complains each time.
            wanted["pad_token_id"] = min(ends)
    pieces = Pieces(lambda row: _text(loaded.tokenizer, row), before[-_CONTEXT_OF_PIECES:])
    start = len(before) or 1
    beams = int(wanted.get("num_beams") or getattr(said, "num_beams", None) or 1)
    each = _EachToken(start, growing, pieces, ends) if beams == 1 else _EachStep(start, turn, most)
    given = torch.tensor([list(tokens)], device=model.device)
    if options.seed is None:
        torch.seed()  # PyTorch begins each process with the same one
    else:
        torch.manual_seed(options.seed % 2**63)
    with torch.inference_mode():
        result = model.generate(
            input_ids=given,
            attention_mask=torch.ones_like(given),
            generation_config=GenerationConfig(**wanted),  # type: ignore[no-untyped-call]
            logits_processor=LogitsProcessorList([_refuse_no_numbers]),
            stopping_criteria=StoppingCriteriaList([each]),
            tokenizer=loaded.tokenizer,
        )
    if isinstance(each, _EachToken):
        return growing.end(pieces.rest())
    # Of several beams the text is not known before the last of them is.
    row = result[0, start:].tolist()
    growing.tokens = len(row)
    turn.tokens += len(row)
    growing.finish = "end" if ends & set(row[-1:]) else "stopped" if turn.is_stopped else "length"
    return growing.end(_text(loaded.tokenizer, row).rstrip(REPLACEMENT))


class _EachToken:
    """A stopping criterion that has each token as it is made; see `Growing`."""

    def __init__(self, start: int, growing: Growing, pieces: Pieces, ends: Set[int]) -> None:
        self._seen = start
        self._growing = growing
        self._pieces = pieces
        self._ends = ends

    def __call__(self, rows: Any, scores: Any, **_: object) -> Any:
        for token in rows[0, self._seen :].tolist():
            self._seen += 1
            if self._growing.add(self._pieces.add(token), token in self._ends):
                return _for_each_row(rows, True)
        return _for_each_row(rows, False)


class _EachStep:
    """A stopping criterion for several beams: nothing is shown before one of them has won."""

    def __init__(self, start: int, turn: Turn, most: int) -> None:
        self._start = start
        self._turn = turn
        self._most = most

    def __call__(self, rows: Any, scores: Any, **_: object) -> Any:
        self._turn.step("Generating", rows.shape[1] - self._start, self._most)
        return _for_each_row(rows, self._turn.is_stopped)


def _refuse_no_numbers(rows: Any, scores: Any) -> Any:
    refuse_no_numbers(scores)
    return scores


def _for_each_row(rows: Any, value: bool) -> Any:
    import torch

    return torch.full((rows.shape[0],), value, device=rows.device, dtype=torch.bool)


def _sampling(options: TryOptions) -> dict[str, object]:
    if options.temperature == 0:
        return {"do_sample": False}
    return {"do_sample": True, "temperature": options.temperature, "top_p": options.top_p}


def _ends(loaded: Loaded) -> Set[int]:
    """The tokens that end a text: those of generation_config, where there may be several, and the tokenizer's."""
    said = getattr(loaded.model.generation_config, "eos_token_id", None)
    several = said if isinstance(said, list) else [said]
    return {token for token in (*several, loaded.tokenizer.eos_token_id) if token is not None}


def _tokens(loaded: Loaded, prompt: str | Conversation) -> list[int]:
    tokenizer, context = loaded.tokenizer, loaded.about.context

    def tokens_of(text: str) -> list[int]:
        return list(tokenizer(text, add_special_tokens=isinstance(prompt, str))["input_ids"])

    text = prompt if isinstance(prompt, str) else _in_template(tokenizer, prompt)
    refuse_endless(text, beginning(tokens_of, text, context), context)
    tokens = tokens_of(text)
    if tokens:
        return tokens
    # Of nothing nothing can be made: a text begins with a token that says so, or after the end of another.
    for token in (
        tokenizer.bos_token_id,
        loaded.model.generation_config.bos_token_id,
        *sorted(_ends(loaded)),
    ):
        if token is not None:
            return [token]
    raise BadInput("The text is empty, and this model has no token to begin one.", hint="Give it some words.")


def _in_template(tokenizer: Any, conversation: Conversation) -> str:
    messages = [message._asdict() for message in conversation]
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
    except ImportError as error:
        raise RuntimeMissing(
            "Chat templates take jinja2, which is not installed here.", hint="Install it: pip install jinja2"
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # of jinja2, or whatever the template did with what it was given
        raise does_not_take(error) from error


def _text(tokenizer: Any, row: list[int]) -> str:
    return str(tokenizer.decode(row, skip_special_tokens=True, clean_up_tokenization_spaces=False))
