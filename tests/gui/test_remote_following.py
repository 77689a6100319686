"""When the window looks for what is followed, and what it remembers of remotes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from modelkeep.errors import RemoteUnreachable
from modelkeep.named_remotes import Follow
from modelkeep.remotes import RemoteView
from modelkeep_gui.jobs.job import Job
from modelkeep_gui.jobs.runner import JobRunner
from modelkeep_gui.remotes.following import Following
from modelkeep_gui.remotes.listings import RemoteListings, name_of, root_of
from support.remote_rows import TEAM, remote_row

FOLLOWED = replace(TEAM, follows=(Follow("team", ("hf@org/a",)),))


class Asked(JobRunner):
    """Keeps what is asked, and sends it nowhere."""

    def __init__(self) -> None:
        super().__init__("nowhere:service")
        self.jobs: list[Job] = []
        self.added.connect(self.jobs.append)

    def _enqueue(self, job: Job) -> None:
        self.jobs.append(job)


@pytest.fixture
def asked(qtbot: QtBot, own_places: Path) -> Asked:
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(own_places / "config"))
    QSettings().clear()
    return Asked()


def show(listings: RemoteListings, *views: RemoteView) -> None:
    listings.views = views
    listings.views_changed.emit(views)


def methods(asked: Asked) -> list[str]:
    return [job.call.method for job in asked.jobs]


def test_the_window_looks_by_itself_only_when_it_was_told_how_often(asked: Asked) -> None:
    listings = RemoteListings(asked)
    following = Following(asked, listings)
    show(listings, FOLLOWED)
    assert methods(asked) == []
    following.set_minutes("team", 15)
    assert methods(asked) == ["remotes.plan_follow"]
    following.look_if_due()  # it has just looked
    assert methods(asked) == ["remotes.plan_follow"]
    assert Following(asked, listings).minutes("team") == 15


def test_what_is_not_followed_is_not_looked_for(asked: Asked) -> None:
    listings = RemoteListings(asked)
    following = Following(asked, listings)
    following.set_minutes("team", 15)
    show(listings, TEAM)
    following.look_if_due()
    assert methods(asked) == []


def test_a_failure_is_told_and_the_next_look_is_made_all_the_same(asked: Asked, qtbot: QtBot) -> None:
    listings = RemoteListings(asked)
    following = Following(asked, listings)
    show(listings, FOLLOWED)
    following.look("team")
    following.look("team")
    assert len(asked.jobs) == 1  # one at a time
    with qtbot.waitSignal(following.failed) as failed:
        asked.jobs[0].fail(RemoteUnreachable("No answer."))
    assert failed.args[0][0] == "team"
    following.look("team")
    assert len(asked.jobs) == 2


def test_a_listing_is_asked_for_once_until_something_changes(asked: Asked) -> None:
    listings = RemoteListings(asked)
    rows = (remote_row("org/there", "there"), remote_row("org/here", "here"))
    listings.look("team")
    listings.look("team")
    assert len(asked.jobs) == 1
    asked.jobs[0].succeed(rows)
    assert listings.listing("team").there == 1
    listings.look("team")
    assert len(asked.jobs) == 1
    listings.make_old()
    listings.look("team")
    assert len(asked.jobs) == 2
    assert listings.listing("team").rows == rows


def test_what_changed_while_it_was_asked_is_asked_again(asked: Asked) -> None:
    listings = RemoteListings(asked)
    listings.look("team")
    listings.look("team", again=True)
    asked.jobs[0].succeed(())
    assert len(asked.jobs) == 2


def test_what_changed_here_while_it_was_asked_makes_it_old(asked: Asked) -> None:
    listings = RemoteListings(asked)
    listings.look("team")
    listings.make_old()
    asked.jobs[0].succeed(())
    listings.look("team")
    assert len(asked.jobs) == 2


def test_a_failure_keeps_what_came_before(asked: Asked) -> None:
    listings = RemoteListings(asked)
    rows = (remote_row("org/there", "there"),)
    listings.look("team")
    asked.jobs[0].succeed(rows)
    listings.look("team", again=True)
    asked.jobs[1].fail(RemoteUnreachable("No answer."))
    listing = listings.listing("team")
    assert listing.rows == rows
    assert str(listing.error) == "No answer."
    assert listing.is_old


def test_a_remote_that_leads_elsewhere_is_forgotten(asked: Asked) -> None:
    listings = RemoteListings(asked)
    show(listings, TEAM)
    listings.look("team")
    asked.jobs[0].succeed(())
    listings.refresh()
    asked.jobs[-1].succeed((replace(TEAM, url="/elsewhere"),))
    assert listings.listing("team").rows is None


def test_the_root_of_a_remote_is_no_cache() -> None:
    assert name_of(root_of("team")) == "team"
    assert name_of("/models/hub") == ""
