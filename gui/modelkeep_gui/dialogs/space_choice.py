"""What goes of a ranking for so many bytes: the part of the dialog that counts. No widget in here."""

from __future__ import annotations

from modelkeep.cache.ranking import Candidate, Ranking, Spared
from modelkeep.keys import ModelKey

__all__ = ["SpaceChoice"]


class SpaceChoice:
    """A ranking, what the user keeps of it, and what turned out to be in use (`busy`, with a sentence for each)."""

    def __init__(self, ranking: Ranking, kept: frozenset[ModelKey]) -> None:
        self.ranking = ranking
        self.kept = kept
        self.busy: dict[ModelKey, str] = {}
        self.running = ranking.running(kept)
        self.count = 0
        """How many of the first candidates it takes, with those that stay among them."""
        self.chosen: tuple[Candidate, ...] = ()

    @property
    def most(self) -> int:
        """All that can be freed, in bytes."""
        return self.running[-1] if self.running else 0

    @property
    def frees(self) -> int:
        """What is freed by all that is chosen, together."""
        return self.running[self.count - 1] if self.chosen else 0

    @property
    def shown(self) -> int:
        """How many of the first candidates are to be seen.

        Where nothing more can go, that is up to the last that is kept: its tick can be set again.
        """
        places = [place for place, one in enumerate(self.ranking.candidates, 1) if one.key in self.kept]
        return max(self.count, *places) if places and self.frees == self.most else self.count

    @property
    def stays(self) -> tuple[Spared, ...]:
        """Those that would go too, or be the next, if they might."""
        if self.ranking.candidates and not self.chosen:
            return ()
        return self.ranking.would_go(self.count + 1)

    def keep(self, kept: frozenset[ModelKey], busy: dict[ModelKey, str]) -> None:
        """Have others stay; `choose` says what follows."""
        self.kept, self.busy = kept, busy
        self.running = self.ranking.running(kept | busy.keys())

    def choose(self, wanted: int) -> None:
        """Choose for so many bytes."""
        self.count = self.ranking.count(wanted, self.running) if self.running else 0
        self.chosen = tuple(
            one
            for one in self.ranking.candidates[: self.count]
            if one.key not in self.kept and one.key not in self.busy
        )
