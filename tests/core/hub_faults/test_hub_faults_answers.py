"""Downloads from a hub that says no, says it is busy, sends elsewhere, or changes meanwhile."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from modelkeep.errors import (
    AccessDenied,
    BadReply,
    ModelKeepError,
    NotOnRemote,
    RemoteBusy,
    RemoteError,
)
from modelkeep.hub.transfer import TransferState
from support.cli import run
from support.hub import HubServer
from support.hub_faults import (
    Cut,
    Expired,
    Flipped,
    Html,
    RedirectLoop,
    RedirectTo,
    Status,
    too_many,
)
from support.hub_fetching import (
    FILES,
    NAME,
    SECRET,
    WEIGHTS_OF,
    Client,
    assert_nothing_published,
    assert_unfinished,
    assert_whole,
)

MIB = 1 << 20
FILE = "GET */resolve/*"


pytestmark = pytest.mark.usefixtures("impatient")


# ---- no


def test_a_token_that_is_not_taken(server: HubServer, client: Client) -> None:
    server.token = "another"
    with pytest.raises(AccessDenied) as caught:
        client.download()
    assert "token" in f"{caught.value} {caught.value.hint}"
    assert_nothing_published(client.root)


def test_a_token_that_ends_meanwhile(server: HubServer, client: Client) -> None:
    server.on(WEIGHTS_OF, lambda: setattr(server, "token", "another"))
    with pytest.raises(AccessDenied):
        client.download()
    assert client.transfer.state is TransferState.FAILED
    assert "token" in client.transfer.error + client.transfer.hint
    assert_unfinished(client.root)
    client.use(server, token="another")
    assert client.go_on().error is None
    assert_whole(client.root)


@pytest.mark.parametrize("token", ["", SECRET], ids=["nobody", "somebody"])
def test_a_gated_model_names_the_page_where_to_ask(server: HubServer, client: Client, token: str) -> None:
    server.gate(NAME, "manual")
    client.use(server, token=token)
    with pytest.raises(AccessDenied) as caught:
        client.download()
    assert f"{server.endpoint}/{NAME}" in caught.value.hint
    assert_nothing_published(client.root)
    server.gate(NAME, "manual", accepted=True)
    assert client.download().error is None
    assert_whole(client.root)


@pytest.mark.parametrize("hides", [False, True])
def test_what_the_hub_does_not_have(server: HubServer, client: Client, hides: bool) -> None:
    server.hides = hides
    client.use(server, token="")
    with pytest.raises((NotOnRemote, AccessDenied) if hides else NotOnRemote, match="org/none"):
        client.download("org/none")
    with pytest.raises(NotOnRemote, match="v9"):
        client.download(f"{NAME}@v9")
    with pytest.raises(ModelKeepError, match=r"none\.txt"):
        client.library.hubs.plan_download(NAME, files=["none.txt"])
    assert_nothing_published(client.root)


# ---- not now


@pytest.mark.parametrize("what", ["/api/models/*", "*/resolve/*"])
def test_a_hub_that_asks_for_a_moment_gets_it(server: HubServer, client: Client, what: str) -> None:
    server.fault(f"GET {what}", too_many("1"))
    assert client.download().error is None
    assert_whole(client.root)


def test_a_moment_may_be_a_date(server: HubServer, client: Client) -> None:
    server.fault(FILE, too_many(format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)))
    assert client.download().error is None
    assert_whole(client.root)


def test_a_hub_that_asks_for_hours_is_given_up_and_says_when(server: HubServer, client: Client) -> None:
    server.fault(FILE, too_many("7200"), times=None)
    with pytest.raises(RemoteBusy) as caught:
        client.download()
    assert caught.value.retry_after == pytest.approx(7200, abs=60)
    assert caught.value.hint
    assert client.transfer.state is TransferState.FAILED
    assert_unfinished(client.root)


@pytest.mark.parametrize("status", [500, 503])
def test_a_burst_of_errors_is_sat_out(server: HubServer, client: Client, status: int) -> None:
    server.fault("GET /api/*", Status(status), times=2)
    server.fault(FILE, Status(status), times=4, after=1)
    assert client.download().error is None
    assert_whole(client.root)


def test_errors_that_do_not_end_are_given_up(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Status(503), times=None)
    with pytest.raises(RemoteError) as caught:
        client.download()
    assert caught.value.hint
    assert len(server.seen(WEIGHTS_OF)) < 50
    assert client.transfer.state is TransferState.FAILED
    assert_unfinished(client.root)
    server.heal()
    assert client.go_on().error is None
    assert_whole(client.root)


# ---- somewhere else


@pytest.mark.parametrize("what", ["/api/models/*", "*/resolve/*"])
def test_redirects_that_do_not_end_are_ended(server: HubServer, client: Client, what: str) -> None:
    server.fault(f"* {what}", RedirectLoop(), times=None)
    with pytest.raises(RemoteError) as caught:
        client.download()
    assert "redirect" in f"{caught.value} {caught.value.hint}".lower()
    assert len(server.requests) < 400
    assert_nothing_published(client.root)


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://127.0.0.1/", "javascript:1", "http://[bad", "http://a:b/", "//"]
)
def test_a_redirect_to_what_is_no_web_address_ends_it(server: HubServer, client: Client, to: str) -> None:
    server.fault(WEIGHTS_OF, RedirectTo(to), times=None)
    with pytest.raises(RemoteError):
        client.download()
    assert_unfinished(client.root)


@pytest.mark.parametrize("what", ["/api/models/*", "*/resolve/*"])
def test_no_token_goes_to_another_host(server: HubServer, client: Client, what: str) -> None:
    with HubServer() as elsewhere:
        elsewhere.add(NAME, FILES)
        to = elsewhere.endpoint.replace("127.0.0.1", "localhost") + "{target}"
        server.fault(f"* {what}", RedirectTo(to), times=None)
        assert client.download().error is None
        assert elsewhere.requests
        assert not any(request.authorization for request in elsewhere.requests)
    assert_whole(client.root)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_link_to_a_large_file_that_has_ended_is_made_anew(
    server: HubServer, client: Client, status: int
) -> None:
    server.cdn = True
    server.fault("GET /cdn/*", Cut(after=MIB))
    server.fault("GET /cdn/*", Expired(status), after=1)
    assert client.download().error is None
    assert_whole(client.root)


def test_a_store_that_refuses_is_not_taken_for_the_hub(server: HubServer, client: Client) -> None:
    server.cdn = True
    server.fault("GET /cdn/*", Expired(404), times=None)
    with pytest.raises(BadReply, match="large files") as caught:
        client.download()
    assert caught.value.hint
    assert_unfinished(client.root)


# ---- meanwhile


def test_main_moves_on_meanwhile(server: HubServer, client: Client) -> None:
    planned = server.repository(NAME).branches["main"]
    server.on(WEIGHTS_OF, lambda: server.add(NAME, {**FILES, "config.json": b"[]"}))
    result = client.download()
    assert result.commit == planned
    assert_whole(client.root, revision=planned)
    assert (client.root / "models--org--name/refs/main").read_text() == planned
    [update] = client.library.hubs.updates()
    assert update.is_newer
    assert client.download().fetched == 2
    assert_whole(client.root, {**FILES, "config.json": b"[]"})


def test_the_model_gets_another_name_meanwhile(server: HubServer, client: Client) -> None:
    server.on(WEIGHTS_OF, lambda: server.rename(NAME, "org/new"))
    assert client.download().error is None
    assert_whole(client.root)


def test_a_model_with_a_new_name_is_had_by_its_old_one(server: HubServer, client: Client) -> None:
    server.rename(NAME, "org/new")
    plan = client.library.hubs.plan_download(NAME)
    assert plan.model.repo_id == "org/new"
    assert any("org/new" in note for note in plan.notes)
    assert client.download().error is None
    assert_whole(client.root)


def test_the_model_is_deleted_meanwhile(server: HubServer, client: Client) -> None:
    repository = server.repository(NAME)
    server.fault(WEIGHTS_OF, Cut(after=MIB))
    server.on(WEIGHTS_OF, lambda: server.remove(NAME), after=1)
    with pytest.raises(NotOnRemote, match=NAME):
        client.download()
    assert client.transfer.state is TransferState.FAILED
    assert client.transfer.bytes_done > 0
    assert_unfinished(client.root)
    server.repositories["model", NAME] = repository
    assert client.go_on().error is None
    assert_whole(client.root)


def test_a_file_is_removed_meanwhile(server: HubServer, client: Client) -> None:
    server.on(WEIGHTS_OF, lambda: server.remove_file(NAME, "model.safetensors"))
    with pytest.raises(NotOnRemote, match=r"model\.safetensors"):
        client.download()
    assert_unfinished(client.root)


# ---- what must not be told


@pytest.mark.parametrize(
    "spoil",
    [
        lambda server: setattr(server, "token", "another"),
        lambda server: server.gate(NAME),
        lambda server: server.remove(NAME),
        lambda server: server.fault("*", Html(), times=None),
        lambda server: server.fault("*", RedirectLoop(), times=None),
        lambda server: server.fault("*", Status(500, message=f"you said Bearer {SECRET}"), times=None),
        lambda server: server.fault(WEIGHTS_OF, Flipped(at=5), times=None),
        lambda server: server.fault("*", RedirectTo("http://127.0.0.1:9/?token=" + SECRET), times=None),
    ],
    ids=["401", "403", "404", "page", "loop", "echo", "wrong", "redirect"],
)
def test_no_error_log_or_file_tells_the_token(
    server: HubServer,
    client: Client,
    spoil: Callable[[HubServer], None],
    caplog: pytest.LogCaptureFixture,
    own_places: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    plan = client.library.hubs.plan_download(NAME)
    spoil(server)
    with pytest.raises(ModelKeepError) as caught:
        client.library.hubs.download(plan)
    told = [str(caught.value), caught.value.hint, repr(client.library.hubs.transfers()), caplog.text]
    told += [repr(client.library.hubs.profiles()), json.dumps(repr(plan))]
    for command in (["transfers", "list", "--json"], ["download", NAME, "--json"], ["download", NAME]):
        result = run(*command, "--root", client.root, MODELKEEP_ROOTS=str(client.root))
        told += [result.out, result.err]
    for folder in (client.root, own_places / "modelkeep"):
        for path in folder.rglob("*"):
            if path.is_file() and SECRET.encode() in path.read_bytes():
                assert "token" in path.name, path
                assert os.stat(path).st_mode & 0o077 == 0
    assert not [text for text in told if SECRET in text]
