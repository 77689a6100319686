"""Text as it comes out of tokens: whole characters, and never a piece of what ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Generated

__all__ = ["REPLACEMENT", "Growing", "Pieces"]

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands where bytes are no character, or only the beginning of one."""

_MOST_HELD = 16
"""Tokens. A character has at most four bytes, so what is longer than this is not the beginning of one."""


class Growing:
    """A text that is being made: passes on what will not change, and knows when it has to end.

    A piece that may be the beginning of a text that ends it is held back until that is known.
    """

    def __init__(self, turn: Turn, stop: Sequence[str], most: int) -> None:
        self._turn = turn
        self._stop = tuple(text for text in stop if text)
        self._most = most
        self._emitted: list[str] = []
        self._pending = ""
        self.tokens = 0
        self.finish = ""

    def add(self, piece: str, is_end: bool = False) -> bool:
        """One more token, and the text that it brought, which may be none. True when no other is wanted.

        `is_end`: with this token the model ended it.
        """
        self.tokens += 1
        self._turn.tokens += 1
        self._turn.step("Generating", self.tokens, self._most)
        if not self._take(piece):
            if is_end:
                self.finish = "end"
            elif self._turn.is_stopped:
                self.finish = "stopped"
            elif self.tokens >= self._most:
                self.finish = "length"
        return bool(self.finish)

    def end(self, rest: str = "") -> Generated:
        """The whole of it. `rest` is text that was not added yet. What nothing here ended the model did."""
        if self.finish != "stop" and not self._take(rest):
            self._pass_on(self._pending)
        return Generated("".join(self._emitted), self.tokens, self.finish or "end")

    def _take(self, piece: str) -> bool:
        self._pending += piece
        found = [at for at in map(self._pending.find, self._stop) if at >= 0]
        if found:
            self._pass_on(self._pending[: min(found)])
            self.finish = "stop"
            return True
        held = self._held()
        self._pass_on(self._pending[: len(self._pending) - held])
        self._pending = self._pending[len(self._pending) - held :]
        return False

    def _held(self) -> int:
        """How many of the last characters may be the beginning of a text that ends it."""
        longest = min(len(self._pending), max(map(len, self._stop), default=1) - 1)
        for length in range(longest, 0, -1):
            if any(text.startswith(self._pending[-length:]) for text in self._stop):
                return length
        return 0

    def _pass_on(self, text: str) -> None:
        if text:
            self._emitted.append(text)
            self._turn.emit(text)


class Pieces:
    """The text that each of a row of tokens brings, by a tokenizer that can only say what several are together.

    A token is read together with those before it, `before` at first, as what stands between two words depends on
    both; what ends in the middle of a character waits for the rest of it.
    """

    def __init__(self, decode: Callable[[list[int]], str], before: Sequence[int] = ()) -> None:
        self._decode = decode
        self._known = list(before)
        self._known_text = decode(self._known)
        self._new: list[int] = []

    def add(self, token: int) -> str:
        self._new.append(token)
        piece = self._piece()
        if (not piece or piece.endswith(REPLACEMENT)) and len(self._new) < _MOST_HELD:
            return ""
        self._known, self._new = self._new, []
        self._known_text = self._decode(self._known)
        return piece

    def rest(self) -> str:
        """What waits; a character that was cut in its middle is left out."""
        return self._piece().rstrip(REPLACEMENT) if self._new else ""

    def _piece(self) -> str:
        return self._decode(self._known + self._new)[len(self._known_text) :]
