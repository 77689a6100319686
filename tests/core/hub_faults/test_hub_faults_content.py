"""Downloads from a hub that sends wrong bytes, wrong headers, wrong names or a page in place of a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelkeep.errors import (
    AccessDenied,
    BadReply,
    WrongContent,
)
from modelkeep.hub.transfer import TransferState
from support.hub import HubServer
from support.hub_faults import (
    Cut,
    Fault,
    Flipped,
    Headers,
    Html,
    Rewritten,
    Status,
)
from support.hub_fetching import (
    FILES,
    LARGE_FILES,
    NAME,
    WEIGHTS_OF,
    Client,
    assert_nothing_published,
    assert_unfinished,
    assert_whole,
)

MIB = 1 << 20
SIZE_OF_WEIGHTS = len(FILES["model.safetensors"])


pytestmark = pytest.mark.usefixtures("impatient")


def test_a_wrong_bit_is_found_named_and_fetched_again(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Flipped(at=MIB))
    result = client.download()
    assert result.error is None
    assert any("model.safetensors" in note for note in result.notes), result.notes
    assert_whole(client.root)
    assert server.bytes_sent(WEIGHTS_OF) >= 2 * MIB


def test_a_wrong_bit_in_one_of_several_ranges_is_found(server: HubServer, client: Client) -> None:
    server.add(NAME, LARGE_FILES)
    server.fault(WEIGHTS_OF, Flipped(at=34 * MIB), times=2)
    assert client.download().error is None
    assert_whole(client.root, LARGE_FILES)


def test_content_that_stays_wrong_is_thrown_away(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Flipped(at=MIB), times=None)
    with pytest.raises(WrongContent, match=r"model\.safetensors"):
        client.download()
    assert client.transfer.state is TransferState.FAILED
    assert not list(client.root.glob("models--*/snapshots/*/model.safetensors"))
    assert not list(client.root.glob("models--*/blobs/*" + "?" * 60))
    assert_unfinished(client.root)
    server.heal()
    assert client.go_on().error is None
    assert_whole(client.root)


def test_a_small_file_that_is_wrong_is_fetched_again(server: HubServer, client: Client) -> None:
    server.fault("GET *config.json", Flipped(at=0))
    assert client.download().error is None
    assert_whole(client.root)


@pytest.mark.parametrize(
    "fault",
    [
        Headers(drop=("ETag", "X-Linked-Etag")),
        Headers(drop=("X-Repo-Commit",)),
        Headers(drop=("Accept-Ranges", "Content-Type")),
        Headers(put={"ETag": '"' + "0" * 64 + '"', "X-Linked-Etag": '"' + "0" * 64 + '"'}),
        Headers(put={"ETag": 'W/"weak"', "X-Linked-Etag": ""}),
        Headers(put={"X-Repo-Commit": "f" * 40}),
        Headers(put={"Content-Encoding": "gzip"}),
    ],
    ids=["no etag", "no commit", "little", "wrong etag", "weak etag", "wrong commit", "packed"],
)
def test_headers_that_are_missing_or_wrong_never_make_a_wrong_file(
    server: HubServer, client: Client, fault: Fault
) -> None:
    """The tree has said what each file is: either that comes, or it is said that this is no hub."""
    server.fault("* */resolve/*", fault, times=None)
    server.fault(WEIGHTS_OF, Cut(after=MIB))
    try:
        client.download()
    except (BadReply, WrongContent):
        assert_unfinished(client.root)
    else:
        assert_whole(client.root)


@pytest.mark.parametrize("what", ["/api/*", "*/resolve/*"])
def test_a_page_in_place_of_an_answer_is_no_hub(server: HubServer, client: Client, what: str) -> None:
    server.fault(f"* {what}", Html(), times=None)
    with pytest.raises((BadReply, WrongContent)) as caught:
        client.download()
    assert caught.value.hint
    assert "<html" not in str(caught.value)
    assert_nothing_published(client.root)


def test_a_page_of_a_portal_for_a_moment_does_no_harm(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Html())
    assert client.download().error is None
    assert_whole(client.root)


TREE = "GET /api/models/*/tree/*"


@pytest.mark.parametrize(
    "path",
    ["../../../evil", "/tmp/evil", "a/../../../evil", "..", "", ".", "a\\u0000b", "a//b", "refs/../../x"],
)
def test_a_name_that_leads_out_of_the_cache_is_refused(
    server: HubServer, client: Client, tmp_path: Path, path: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    server.fault(TREE, Rewritten('"tokenizer.json"', f'"{path}"'), times=None)
    with pytest.raises(BadReply) as caught:
        client.download()
    assert str(caught.value)
    assert [found for found in sorted(tmp_path.rglob("*")) if found not in before] == []


@pytest.mark.parametrize("commit", ["../../evil", "main", "", "A" * 40, "1" * 39])
def test_a_commit_that_is_none_is_refused(server: HubServer, client: Client, commit: str) -> None:
    real = server.repository(NAME).branches["main"]
    server.fault("GET /api/models/org/name*", Rewritten(f'"sha": "{real}"', f'"sha": "{commit}"'), times=None)
    with pytest.raises(BadReply):
        client.download()
    assert_nothing_published(client.root)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'"size": {SIZE_OF_WEIGHTS}', '"size": 1000'),
        (f'"size": {SIZE_OF_WEIGHTS}', f'"size": {SIZE_OF_WEIGHTS + 1}'),
        (f'"size": {SIZE_OF_WEIGHTS}', '"size": -1'),
        (f'"size": {SIZE_OF_WEIGHTS}', '"size": "many"'),
        ('"oid": "', '"oid": "0000'),
        ('"path": ', '"pfad": '),
        ("[", '{"error": "no"}, ['),
    ],
    ids=["smaller", "larger", "negative", "no number", "other content", "no paths", "no list"],
)
def test_a_list_of_files_that_lies_publishes_nothing_wrong(
    server: HubServer, client: Client, old: str, new: str
) -> None:
    server.fault(TREE, Rewritten(old, new), times=None)
    with pytest.raises((BadReply, WrongContent)) as caught:
        client.download()
    assert str(caught.value)
    assert not list(client.root.glob("models--*/snapshots/*/model.safetensors"))
    assert_unfinished(client.root)


def test_a_mirror_with_other_content_is_noticed_and_another_helps(server: HubServer, client: Client) -> None:
    server.fault(WEIGHTS_OF, Cut(after=MIB))
    server.fault(WEIGHTS_OF, Status(403), after=1)
    with pytest.raises(AccessDenied):
        client.download()
    with HubServer() as mirror:
        mirror.add(NAME, {**FILES, "model.safetensors": bytes(SIZE_OF_WEIGHTS)})
        [wrong] = mirror.repository(NAME).commits.values()
        mirror.repository(NAME).commits[client.transfer.commit] = wrong
        client.use(mirror, name="mirror", token="")
        with pytest.raises((BadReply, WrongContent)):
            raise client.go_on(profile="mirror").error or AssertionError("it was not noticed")
        assert_unfinished(client.root)
        assert not any(request.authorization for request in mirror.requests)
    assert client.go_on(profile="tests").error is None
    assert_whole(client.root)
