"""What is asked of a model that makes text: prompts, conversations, and how it is to make it."""

from __future__ import annotations

import math

from modelkeep.checking.plain_words import first_line
from modelkeep.errors import BadInput
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Generated, Message, TryInputs, TryOptions

__all__ = [
    "Conversation",
    "does_not_take",
    "note_full",
    "prompts",
    "refuse_endless",
    "refuse_impossible",
    "room",
]

Conversation = tuple[Message, ...]

_ROLES = ("system", "user", "assistant")


def refuse_impossible(options: TryOptions) -> None:
    """Raise `BadInput` for options that no text can be made by."""
    if options.max_new_tokens < 1:
        raise BadInput("A text of no tokens cannot be made.", hint="Ask for one token at least.")
    if not (math.isfinite(options.temperature) and options.temperature >= 0):
        raise BadInput(f"A temperature of {options.temperature} is not possible.", hint="It is 0 or more.")
    if not 0 < options.top_p <= 1:
        raise BadInput(f"A top-p of {options.top_p} is not possible.", hint="It is above 0, and 1 at most.")


def prompts(inputs: TryInputs, options: TryOptions, has_template: bool) -> list[str | Conversation]:
    """What is to be answered, one after another: texts as they are, or conversations for the chat template.

    Where the options do not say, a model that has a chat template gets it: such a model was trained on nothing else.
    Each text is what the user says next in the conversation that was given; without a text the conversation is
    answered as it stands. Raises `BadInput` for a conversation where there is no template, and for nothing at all.
    """
    chat = has_template if options.chat is None else options.chat
    if not inputs.texts and not inputs.messages:
        raise BadInput("There is no text to go on from.")
    if not has_template and (chat or inputs.messages):
        raise BadInput(
            "This model has no chat template, so it takes no conversation.", hint="Give a text alone."
        )
    if not chat and inputs.messages:
        raise BadInput("A conversation takes the chat template, which is turned off.", hint="Turn it on.")
    if not chat:
        return list(inputs.texts)
    for role in (message.role for message in inputs.messages):
        if role not in _ROLES:
            raise BadInput(f"Nobody in a conversation is “{role}”.", hint=f"There are {', '.join(_ROLES)}.")
    return [(*inputs.messages, Message("user", text)) for text in inputs.texts] or [inputs.messages]


def refuse_endless(text: str, begun: str, context: int) -> None:
    """Raise `BadInput` for a text of which no more than the beginning was read: that is more than the context."""
    if begun != text:
        raise BadInput(
            f"The text has {len(text):,} characters, and the model takes {context:,} tokens together with those that"
            " it makes.",
            hint="Shorten the text.",
        )


def room(prompt: int, context: int, most: int) -> int:
    """How many tokens can be made after a prompt: `most`, or what the context leaves; 0 is a context not known.

    Raises `BadInput` for a prompt that leaves nothing.
    """
    if not context:
        return most
    if prompt >= context:
        raise BadInput(
            f"The text has {prompt:,} tokens, and the model takes {context:,} together with those that it makes.",
            hint="Shorten the text.",
        )
    return min(most, context - prompt)


def note_full(made: Generated, options: TryOptions, context: int, turn: Turn) -> None:
    """Note that a text ended before it was as long as it may be, because the context was full."""
    if made.finish == "length" and made.tokens < options.max_new_tokens:
        turn.note(
            f"It ended after {made.tokens:,} tokens, as the model takes {context:,} with those of the text."
        )


def does_not_take(error: Exception) -> BadInput:
    """The error for a conversation that a chat template refuses, or that it fails at."""
    said = first_line(str(error)) or type(error).__name__
    return BadInput(
        f"The chat template of this model does not take this conversation ({said}).",
        hint="Many take no system message, and want user and assistant in turn.",
    )
