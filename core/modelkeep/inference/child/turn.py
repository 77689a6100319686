"""What a task within the worker works with: one answer that is being given, and a model that gives it."""

from __future__ import annotations

from typing import Protocol

from modelkeep.inference.values import LoadedModel, Output, Task, TryInputs, TryOptions

__all__ = ["Runnable", "Turn"]


class Turn(Protocol):
    """One answer that is being given."""

    tokens: int
    """How many tokens were made, or read where none are made; the task counts them here."""

    def emit(self, text: str) -> None:
        """Pass on a piece of text as it comes; it may be half a word."""

    def step(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say where it is, as a count; raises `Cancelled` once nobody wants the answer any more."""

    def note(self, text: str) -> None:
        """Say with the result how it was answered, as a sentence; the same one twice is said once."""

    @property
    def is_stopped(self) -> bool:
        """Whether it should end now with what there is: looked at before each token, text and image."""


class Runnable(Protocol):
    """A model that is loaded."""

    about: LoadedModel

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        """Answer. Raises `BadInput` for what this model cannot be asked, `UnsupportedModel` for a task that it
        has not."""
