"""Masked words that are guessed."""

from __future__ import annotations

import re

from modelkeep.errors import BadInput, UnsupportedModel
from modelkeep.inference.child.classification import refuse_no_text
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.long_texts import beginning, size_of
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Fill, Filled, Output, TryInputs, TryOptions

__all__ = ["answer"]

_USUAL = re.compile(r"\[MASK\]|<mask>|(?<![_\w])_{3,}(?![_\w])")
"""How masks are written by those who do not know how this model writes them."""
_SHORTER = "Leave out what is far from the masks."


def answer(loaded: TransformersModel, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The likeliest tokens for each mask of each text, each mask on its own. Raises `BadInput` for a text without a
    mask, and for one that is too long."""
    refuse_no_text(inputs)
    outputs: list[Output] = []
    for number, text in enumerate(inputs.texts):
        turn.step("Answering", number, len(inputs.texts))
        if turn.is_stopped:
            break
        outputs.append(_filled(loaded, text, options, turn))
    return outputs


def _filled(loaded: TransformersModel, text: str, options: TryOptions, turn: Turn) -> Filled:
    tokenizer, mask, most = loaded.tokenizer, loaded.about.mask, loaded.about.context
    if not mask:
        raise UnsupportedModel("The tokenizer of this model has no mask.")
    text = _USUAL.sub(lambda _: mask, text)
    begun = beginning(lambda text: tokenizer(text)["input_ids"], text, most) if mask in text else ""
    made = tokenizer([begun], return_tensors="pt")
    tokens = made["input_ids"][0]
    places = (tokens == tokenizer.mask_token_id).nonzero()[:, 0]
    if not len(places) and (mask not in text or begun == text):
        raise BadInput(
            f"The text has no mask, which this model writes as {mask}.", hint=f"Write {mask} or ___."
        )
    if most and (len(tokens) > most or begun != text):
        size = size_of(text, begun, len(tokens), most)
        raise BadInput(f"The text has {size}, and the model takes {most:,}.", hint=_SHORTER)
    turn.tokens += len(tokens)
    scores = loaded.model(**made.to(loaded.model.device)).logits[0, places].float().softmax(-1)
    count = min(options.top_k, scores.shape[-1]) if options.top_k > 0 else scores.shape[-1]
    best = scores.topk(count)
    starts = [found.start() for found in re.finditer(re.escape(mask), text)]
    masks = []
    for start, values, candidates in zip(starts, best.values.tolist(), best.indices.tolist(), strict=True):
        before, after = text[:start], text[start + len(mask) :]
        words = tokenizer.batch_decode([[token] for token in candidates], clean_up_tokenization_spaces=False)
        masks.append(
            tuple(
                Fill(word.strip() or word, score, f"{before}{_joined(before, word)}{after}")
                for word, score in zip(words, values, strict=True)
            )
        )
    return Filled(text, tuple(masks))


def _joined(before: str, word: str) -> str:
    """The token as it stands after this: the rest of a word loses its marks, and there are no two spaces."""
    if before and not before[-1].isspace():
        return word.removeprefix("##")
    return word.removeprefix("##").lstrip()
