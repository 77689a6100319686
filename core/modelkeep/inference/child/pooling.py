"""One vector out of those of a text's tokens, in the ways of sentence-transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from modelkeep.errors import BadInput, UnsupportedModel

__all__ = ["Pooling", "pooling_of", "refuse_too_many"]

_MOST_NUMBERS = 1_250_000  # of an answer: each takes up to 24 bytes of a line, which is 32 MiB long at most

_FIELDS = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
"""Each way by its name and its field; where there are several, their vectors follow one another in this order."""


class Pooling(NamedTuple):
    """The ways, and whether the prompt before a text counts among its tokens."""

    ways: tuple[str, ...]
    include_prompt: bool = True

    def __call__(self, states: Any, mask: Any, prompt: int) -> Any:
        """The vectors of a batch: `states` (texts × tokens × width), `mask` 1 for each token that is no padding,
        `prompt` the tokens at the beginning of each text that are left out."""
        import torch

        states = states.float()
        # Padding may come before the text.
        counted = mask * (mask.cumsum(1) > prompt)
        return torch.cat([_pooled(way, states, mask if way == "cls" else counted) for way in self.ways], 1)


def refuse_too_many(texts: int, width: int) -> None:
    """Raise `BadInput` for more texts than an answer has room for: each has a vector, and is compared with each."""
    most = int(((width * width) + 4 * _MOST_NUMBERS) ** 0.5 - width) // 2
    if texts > most:
        raise BadInput(
            f"These are {texts:,} texts, and of vectors with {width:,} numbers {most:,} are compared at once.",
            hint="Ask about some at a time.",
        )


def pooling_of(config: Mapping[str, object]) -> Pooling:
    """What the config.json of a pooling module says. Raises `UnsupportedModel` for a way that is not known."""
    named = config.get("pooling_mode")
    if isinstance(named, str):
        ways = tuple(named.split("+"))
    elif isinstance(named, list):
        ways = tuple(map(str, named))
    else:
        ways = tuple(way for way, field in _FIELDS.items() if config.get(field) is True) or ("mean",)
    if unknown := set(ways) - set(_FIELDS):
        raise UnsupportedModel(f"The way of pooling “{min(unknown)}” is not known here.")
    return Pooling(ways, config.get("include_prompt", True) is not False)


def _pooled(way: str, states: Any, mask: Any) -> Any:
    import torch

    rows = torch.arange(len(states), device=states.device)
    if way == "cls":
        return states[rows, mask.argmax(1)]
    if way == "lasttoken":
        last = mask.shape[1] - 1 - mask.flip(1).argmax(1)
        return states[rows, last]
    weights = mask.unsqueeze(-1).to(states.dtype)
    if way == "max":
        return states.masked_fill(weights == 0, -1e9).amax(1)
    if way == "weightedmean":
        places = torch.arange(1, states.shape[1] + 1, device=states.device, dtype=states.dtype)
        weights = weights * places[None, :, None]
    count = weights.sum(1).clamp(min=1e-9)
    total = (states * weights).sum(1)
    return total / (count.sqrt() if way == "mean_sqrt_len_tokens" else count)
