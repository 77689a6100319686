"""The download dialog: what is searched, shown, chosen and added up, over values as a hub says them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modelkeep.errors import AccessDenied, ModelKeepError, NotOnRemote, Offline, RemoteUnreachable
from modelkeep.hub.download_plan import DownloadPlan, FileAction
from modelkeep.hub.replies import SearchPage
from modelkeep.hub.transfer import FileState, Transfer, TransferFile, TransferState
from modelkeep.rows import RootView
from modelkeep_gui.dialogs.download_choice import by_globs, globs, named_model, quantisations, with_chosen
from modelkeep_gui.dialogs.download_dialog import DownloadDialog, PlanRequest
from modelkeep_gui.dialogs.download_picker import QuietField
from modelkeep_gui.dialogs.download_search import SearchRequest
from support.accessible import nameless, unreachable
from support.downloads import COMMIT, GB, HUBS, REFS, files, gguf_files, hub_model, plan, planned
from support.transfers import transfer
from support.windows import only, seen

Ask = Callable[..., DownloadDialog]


def root_view(path: str = "/models/hub", *, state: str = "ready", is_default: bool = True) -> RootView:
    return RootView(path, path[1:], state, "", is_default, 0, 0, 0, 0, 0, 0, 1, 500 * GB, 96 * GB, (), 0.0)


class Asked:
    """What a dialog asked for, in order, by the name of the signal."""

    def __init__(self, dialog: DownloadDialog) -> None:
        self.all: list[tuple[str, Any]] = []
        signals = {
            "search": dialog.search.search_requested,
            "model": dialog.model_requested,
            "plan": dialog.plan_requested,
            "fit": dialog.fit_requested,
            "online": dialog.online_requested,
            "test": dialog.test_requested,
        }
        for name, signal in signals.items():
            signal.connect(lambda value, name=name: self.all.append((name, value)))

    def of(self, name: str) -> list[Any]:
        return [value for kind, value in self.all if kind == name]


@pytest.fixture
def ask(qtbot: QtBot) -> Ask:
    above = QWidget()
    qtbot.addWidget(above)
    above.show()

    def opened(text: str = "", roots: tuple[RootView, ...] | None = None) -> DownloadDialog:
        dialog = DownloadDialog((root_view(),) if roots is None else roots, text, above)
        dialog.open()
        dialog.set_profiles(HUBS)
        return dialog

    return opened


@pytest.fixture
def planned_dialog(ask: Ask) -> DownloadDialog:
    """A dialog that shows the files of a model."""
    dialog = ask()
    show(dialog, plan())
    return dialog


def show(dialog: DownloadDialog, made: DownloadPlan) -> None:
    dialog.turn_to(made.key.repo_id)
    request = dialog.request
    assert request is not None
    dialog.set_model(request, made.model, REFS)
    dialog.set_plan(request, made)


def words(button: QPushButton) -> str:
    return button.text().replace("&", "")


def rows(dialog: DownloadDialog) -> list[list[str]]:
    """What is read in the tree: groups, and files beneath them."""
    model = dialog.model.picker.tree.rows
    found = []
    for row in range(model.rowCount()):
        top = model.index(row, 0)
        for index in (top, *(model.index(child, 0, top) for child in range(model.rowCount(top)))):
            found += [[index.siblingAtColumn(column).data() for column in range(4)]]
    return found


def tick(dialog: DownloadDialog, path: str) -> None:
    """Turn the tick of a file or of a group, as a click does."""
    model = dialog.model.picker.tree.rows
    for row in range(model.rowCount()):
        top = model.index(row, 0)
        for index in (top, *(model.index(child, 0, top) for child in range(model.rowCount(top)))):
            if index.data() == path:
                model.setData(index, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
                return
    raise AssertionError(path)


def chosen(dialog: DownloadDialog) -> set[str]:
    return {file.path for file in dialog.answer.chosen}


# ---- the search


def test_it_opens_and_searches_for_what_is_popular(ask: Ask, qtbot: QtBot) -> None:
    dialog = ask()
    assert dialog.search.is_searching
    assert "Searching…" in dialog.search.results.placeholder
    assert "Choose a model" in seen(dialog)
    request = dialog.search.request
    assert request == SearchRequest("", "huggingface.co", "", "downloads")
    dialog.set_here({"org/name"})
    dialog.set_page(request, SearchPage((hub_model(), hub_model("org/name", gated="auto")), "next"))
    assert (dialog.search.title, dialog.search.is_searching) == ("Most downloaded", False)
    said = dialog.search.results.rows.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said.startswith("org/name, fill-mask, 108 M parameters, 1,234,567 downloads, 321 likes")
    assert "accept its terms" in said
    assert said.endswith("in a cache here")
    assert (nameless(dialog), unreachable(dialog)) == ([], [])
    assert not dialog.download.isEnabled()


def test_it_searches_once_for_a_word_that_is_typed(ask: Ask, qtbot: QtBot) -> None:
    dialog = ask()
    asked = Asked(dialog)
    with qtbot.waitSignal(dialog.search.search_requested):
        qtbot.keyClicks(dialog.search.field, "bert")
    assert [request.text for request in asked.of("search")] == ["bert"]


def test_a_filter_searches_anew(ask: Ask) -> None:
    dialog = ask()
    asked = Asked(dialog)
    choose(dialog.search.task, "token-classification")
    choose(dialog.search.sort, "modified")
    assert asked.of("search")[-1] == SearchRequest("", "huggingface.co", "token-classification", "modified")


def choose(box: QComboBox, data: str) -> None:
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_another_hub_has_other_models(planned_dialog: DownloadDialog) -> None:
    asked = Asked(planned_dialog)
    assert planned_dialog.search.hub.itemText(1) == "Team · hub.example"
    choose(planned_dialog.search.hub, "Team")
    assert asked.of("search")[-1].profile == "Team"
    assert "Choose a model" in seen(planned_dialog)
    assert planned_dialog.request is None


def test_with_one_hub_there_is_nothing_to_choose(ask: Ask) -> None:
    dialog = ask()
    dialog.set_profiles(HUBS[:1])
    assert not dialog.search.hub.isVisible()


def test_more_is_asked_for_once_at_the_end_of_the_list(ask: Ask) -> None:
    dialog = ask()
    asked = Asked(dialog)
    request = dialog.search.request
    dialog.set_page(request, SearchPage(tuple(hub_model(f"org/{i}") for i in range(30)), "place 2"))
    results = dialog.search.results
    results.scrollToBottom()
    results.rows.fetchMore(results.rootIndex())
    assert asked.of("search") == [replace(request, page="place 2")]
    dialog.set_page(asked.of("search")[0], SearchPage((hub_model("org/29"), hub_model("org/30"))))
    assert [model.repo_id for model in results.rows.models[-2:]] == ["org/29", "org/30"]
    assert not results.rows.canFetchMore(results.rootIndex())


def test_from_the_field_one_goes_down_into_the_results_and_on_to_the_files(ask: Ask, qtbot: QtBot) -> None:
    dialog = ask()
    dialog.set_page(dialog.search.request, SearchPage((hub_model(), hub_model("org/b"))))
    with qtbot.waitSignal(dialog.model_requested) as asked:
        qtbot.keyClick(dialog.search.field, Qt.Key.Key_Down)
    assert dialog.focusWidget() is dialog.search.results
    assert asked.args == [PlanRequest("dmis-lab/biobert", "", "/models/hub", "huggingface.co")]
    with qtbot.waitSignal(dialog.model_requested) as asked:
        qtbot.keyClick(dialog.search.results, Qt.Key.Key_Down)
    assert asked.args[0].name == "org/b"
    request = dialog.request
    assert request is not None
    dialog.set_plan(request, plan())
    qtbot.keyClick(dialog.search.results, Qt.Key.Key_Return)
    assert dialog.focusWidget() is dialog.model.picker.tree
    qtbot.keyClick(dialog.model.picker.tree, Qt.Key.Key_Space)
    assert "model.safetensors" not in chosen(dialog)


@pytest.mark.parametrize(
    ("text", "name", "revision", "path"),
    [
        ("org/name", "org/name", "", ""),
        ("org/name@v1.0", "org/name", "v1.0", ""),
        ("https://huggingface.co/org/name/tree/fp16", "org/name", "fp16", ""),
        ("https://huggingface.co/org/name/blob/main/a.gguf", "org/name", "main", "a.gguf"),
    ],
)
def test_what_is_pasted_leads_straight_to_the_model(
    ask: Ask, text: str, name: str, revision: str, path: str
) -> None:
    dialog = ask()
    asked = Asked(dialog)
    QApplication.clipboard().setText(text)
    dialog.search.field.paste()
    assert asked.of("model") == [PlanRequest(name, revision, "/models/hub", "huggingface.co", path)]
    assert asked.of("search")[-1].text == "org/name"


def test_a_name_that_is_typed_is_looked_up_by_enter(ask: Ask, qtbot: QtBot) -> None:
    dialog = ask()
    asked = Asked(dialog)
    qtbot.keyClicks(dialog.search.field, "org/name")
    assert asked.of("model") == []
    qtbot.keyClick(dialog.search.field, Qt.Key.Key_Return)
    assert [request.name for request in asked.of("model")] == ["org/name"]
    assert dialog.isVisible(), "and is not taken for the button"


def test_words_are_no_name() -> None:
    assert named_model("biomedical bert") is None
    assert named_model("bert") is None
    assert named_model("some words / more") is None


def test_no_result_says_so_and_what_to_try(ask: Ask, qtbot: QtBot) -> None:
    dialog = ask("qwxyz")
    dialog.set_page(dialog.search.request, SearchPage())
    assert "No model matches “qwxyz”." in dialog.search.results.placeholder
    assert "Try fewer words" in dialog.search.results.placeholder


# ---- the model


def test_a_model_is_shown_before_its_files_are(ask: Ask) -> None:
    dialog = ask()
    dialog.turn_to("dmis-lab/biobert")
    assert "Looking at dmis-lab/biobert…" in seen(dialog)
    request = dialog.request
    assert request is not None
    dialog.set_model(request, hub_model(), REFS)
    text = seen(dialog)
    assert "apache-2.0" in text
    assert "Looking at its files…" in text
    assert "https://huggingface.co/dmis-lab/biobert" in text
    assert not dialog.download.isEnabled()


def test_the_files_come_by_kind_with_what_to_know(planned_dialog: DownloadDialog) -> None:
    found = rows(planned_dialog)
    assert found[0] == ["Weights: safetensors", "433 MB", "1 of 1", ""]
    assert found[1] == ["model.safetensors", "433 MB", "to fetch", ""]
    by_name = {row[0]: row for row in found}
    assert by_name["pytorch_model.bin"][2:] == ["", "pickle: can run code when it is loaded"]
    assert by_name["tokenizer.json"][2] == "here"
    assert by_name["vocab.txt"][2] == "partly here"
    assert by_name["README.md"][2] == "reused"
    assert by_name["modeling_bio.py"][3] == "code"
    assert [
        row[0] for row in found if row[0] in ("Tokenizer", "Configuration", "Code", "Card and licence")
    ] == [
        "Tokenizer",
        "Configuration",
        "Code",
        "Card and licence",
    ]
    assert words(planned_dialog.download) == "Download 433 MB"
    assert planned_dialog.download.isEnabled()
    assert (nameless(planned_dialog), unreachable(planned_dialog)) == ([], [])


def test_a_tick_changes_all_figures_at_once(planned_dialog: DownloadDialog) -> None:
    dialog = planned_dialog
    tick(dialog, "pytorch_model.bin")
    assert words(dialog.download) == "Download 866 MB"
    assert dialog.model.picker.summary.startswith("6 of 8 files · 867 MB")
    assert "866 MB to write" in dialog.target.room.text
    assert dialog.model.danger.text == "Can run code when it is loaded: pytorch_model.bin"
    tick(dialog, "Weights: safetensors")
    assert words(dialog.download) == "Download 433 MB"
    assert dialog.answer.bytes_missing == plan().bytes_missing


def test_a_group_of_which_some_is_chosen_is_chosen_whole(planned_dialog: DownloadDialog) -> None:
    dialog = planned_dialog
    tick(dialog, "vocab.txt")
    model = dialog.model.picker.tree.rows
    [group] = [
        model.index(row, 0) for row in range(model.rowCount()) if model.index(row, 0).data() == "Tokenizer"
    ]
    assert group.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.PartiallyChecked.value
    tick(dialog, "Tokenizer")
    assert {"vocab.txt", "tokenizer.json"} <= chosen(dialog)
    tick(dialog, "Tokenizer")
    assert not {"vocab.txt", "tokenizer.json"} & chosen(dialog)


def test_the_quick_choices(planned_dialog: DownloadDialog) -> None:
    dialog, picker = planned_dialog, planned_dialog.model.picker
    before = chosen(dialog)
    picker.everything.click()
    assert chosen(dialog) == {file.path for file in files()}
    picker.none.click()
    assert dialog.target.why.text == "Choose at least one file."
    assert not dialog.download.isEnabled()
    picker.recommended.click()
    assert chosen(dialog) == before
    picker.include.setText("*.json, *.txt")
    picker.exclude.setText("vocab*")
    picker.include.entered.emit(None)
    assert chosen(dialog) == {"tokenizer.json", "config.json"}
    assert (dialog.answer.include, dialog.answer.exclude) == (("*.json", "*.txt"), ("vocab*",))


def test_patterns_are_those_of_the_hub_s_client() -> None:
    made = plan((planned("onnx/model.onnx", 5, "weights:onnx"), planned("a.json", 1, "config")))
    assert by_globs(made, globs(" "), globs("onnx/")) == {"a.json"}
    assert by_globs(made, globs("*.onnx"), ()) == {"onnx/model.onnx"}


def test_of_quantisations_one_is_chosen_with_its_size_and_whether_it_fits(ask: Ask) -> None:
    dialog = ask()
    show(dialog, plan(gguf_files()))
    box = dialog.model.picker.quantisation
    assert box.isVisible()
    texts = [box.itemText(row) for row in range(box.count())]
    assert texts[0] == "Q2_K · 3.0 GB · fits"
    assert texts[3] == "F16 · 15 GB · does not fit"
    assert box.currentData() == "Q4_K_M"
    choose(box, "Q8_0")
    assert chosen(dialog) == {"model-Q8_0.gguf", "README.md"}
    assert words(dialog.download) == "Download 8.0 GB"


def test_what_a_quantisation_takes_is_never_said_too_low() -> None:
    fit = replace_fit()
    runs = {one.name: one.run for one in quantisations(gguf_files(), fit)}
    assert runs["Q4_K_M"] == fit.run
    assert runs["Q2_K"] >= 3 * GB * 6 // 5 + GB
    assert runs["F16"] >= 15 * GB * 6 // 5 + GB


def replace_fit() -> Any:
    """As the core estimates: a fifth more, and the program itself."""
    fit = plan(gguf_files()).fit
    assert fit is not None
    return fit._replace(run=5 * GB * 6 // 5 + GB)


def test_whether_it_fits_the_memory_is_said_with_the_formula(planned_dialog: DownloadDialog) -> None:
    dialog = planned_dialog
    fit = dialog.answer.fit
    assert fit is not None
    assert dialog.model.fit.text == "Takes about 520 MB of memory: fits, 12 GB free"
    assert "433000000 + 20%" in dialog.model.fit.toolTip()
    dialog.set_fit(replace(dialog.answer, fit=fit._replace(run=14 * GB)))
    assert dialog.model.fit.text == "Takes about 14 GB of memory: only 12 GB of 16 GB are free now"
    dialog.set_fit(replace(dialog.answer, fit=fit._replace(run=40 * GB, gpu="RTX", gpu_free=48 * GB)))
    assert dialog.model.fit.text == "Takes about 40 GB of memory: fits RTX, 48 GB free"
    other = with_chosen(dialog.answer, {"config.json"})
    dialog.set_fit(replace(other, fit=fit._replace(run=1)))
    assert "RTX" in dialog.model.fit.text, "an answer about another choice is not shown"


def test_the_memory_is_asked_about_after_a_choice(planned_dialog: DownloadDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(planned_dialog.fit_requested) as asked:
        planned_dialog.model.picker.everything.click()
    assert len(asked.args[0].chosen) == 8


def test_another_revision_is_planned(planned_dialog: DownloadDialog) -> None:
    dialog = planned_dialog
    asked = Asked(dialog)
    box = dialog.model.about.revision
    assert [box.itemText(row) for row in range(box.count())] == ["main", "fp16", "v1.0 (tag)"]
    choose(box, "v1.0")
    assert [request.full_name for request in asked.of("plan")] == ["dmis-lab/biobert@v1.0"]
    assert not dialog.download.isEnabled()
    box.setEditText(COMMIT)
    only(box, QuietField).entered.emit(None)
    assert asked.of("plan")[-1].revision == COMMIT
    dialog.set_plan(asked.of("plan")[0], plan())
    assert not dialog.download.isEnabled(), "an answer to an earlier question does not count"


def test_another_cache_is_planned_with_the_same_choice(ask: Ask) -> None:
    dialog = ask("", (root_view(), root_view("/big", is_default=False), root_view("/usb", state="away")))
    show(dialog, plan())
    dialog.model.picker.everything.click()
    asked = Asked(dialog)
    assert dialog.target.root.count() == 2
    dialog.target.root.setCurrentIndex(1)
    [request] = asked.of("plan")
    assert request.root == "/big"
    dialog.set_plan(request, plan(root="/big", free=2 * GB))
    assert len(dialog.answer.chosen) == 8
    assert dialog.answer.root == "/big"


def test_what_does_not_fit_the_disk_cannot_be_downloaded(ask: Ask) -> None:
    dialog = ask()
    show(dialog, plan(free=GB))
    assert "433 MB more are needed" in dialog.target.room.text
    assert not dialog.download.isEnabled()
    assert dialog.download.toolTip() == "It does not fit the disk."


def test_what_is_here_needs_no_download(ask: Ask) -> None:
    dialog = ask()
    here = tuple(file._replace(action=FileAction.PRESENT, staged=0) for file in files())
    show(dialog, plan(here, ref_was=COMMIT))
    assert dialog.target.why.text == "All of it is here already."
    assert not dialog.download.isEnabled()


def test_what_other_caches_have_is_used(ask: Ask) -> None:
    dialog = ask()
    show(dialog, plan(tuple(file._replace(action=FileAction.LINK, staged=0) for file in files())))
    assert words(dialog.download) == "Use what is here"
    dialog.download.click()
    assert dialog.result() == DownloadDialog.DialogCode.Accepted
    assert dialog.answer.bytes_missing == 0


def test_a_cache_is_needed(ask: Ask) -> None:
    dialog = ask("", (root_view(state="read-only"),))
    assert dialog.target.why.text == "No cache can be written to. Add one in the preferences."


def test_of_a_file_that_was_named_it_alone_is_chosen_and_all_is_recommended(ask: Ask) -> None:
    dialog = ask()
    dialog.turn_to("org/name", path="config.json")
    request = dialog.request
    assert request is not None
    dialog.set_plan(request, with_chosen(plan(), {"config.json"}))
    assert chosen(dialog) == {"config.json"}
    dialog.model.picker.recommended.click()
    assert "model.safetensors" in chosen(dialog)


def test_ten_thousand_files_are_shown_and_chosen(ask: Ask) -> None:
    dialog = ask()
    many = tuple(planned(f"shard/{i:05}.safetensors", 1000, "weights:safetensors") for i in range(10_000))
    show(dialog, plan(many))
    tree = dialog.model.picker.tree
    assert not tree.isExpanded(tree.rows.index(0, 0))
    tick(dialog, "shard/05000.safetensors")
    assert dialog.model.picker.summary == "9,999 of 10,000 files · 10 MB · 10 MB to fetch"


# ---- what goes wrong


@pytest.fixture
def failing(ask: Ask) -> Callable[[ModelKeepError], DownloadDialog]:
    def failed(error: ModelKeepError) -> DownloadDialog:
        dialog = ask()
        dialog.turn_to("org/name")
        request = dialog.request
        assert request is not None
        dialog.set_plan_failure(request, error)
        return dialog

    return failed


def test_offline_is_said_with_a_button_that_ends_it(ask: Ask) -> None:
    dialog = ask()
    asked = Asked(dialog)
    dialog.set_search_failure(
        dialog.search.request, Offline("The offline switch is on.", hint="Turn it off.")
    )
    assert "The offline switch is on. | Turn it off." in seen(dialog)
    assert [words(button) for button in dialog.failure.buttons] == ["Work online"]
    dialog.failure.online.click()
    assert asked.of("online") == [None]
    dialog.set_held_offline("HF_HUB_OFFLINE is set")
    assert dialog.failure.buttons == []
    assert "HF_HUB_OFFLINE is set" in seen(dialog)


def test_without_an_answer_one_can_try_again_or_test_the_connection(ask: Ask) -> None:
    dialog = ask()
    asked = Asked(dialog)
    dialog.set_search_failure(dialog.search.request, RemoteUnreachable("No answer.", hint="See the proxy."))
    assert [words(button) for button in dialog.failure.buttons] == ["Try again", "Test the connection…"]
    dialog.failure.test.click()
    dialog.failure.retry.click()
    assert asked.of("test") == ["huggingface.co"]
    assert len(asked.of("search")) == 1
    dialog.set_page(asked.of("search")[0], SearchPage((hub_model(),)))
    assert dialog.search.results.isVisible()


def test_a_further_page_that_fails_leaves_the_list(ask: Ask) -> None:
    dialog = ask()
    request = dialog.search.request
    dialog.set_page(request, SearchPage((hub_model(),), "2"))
    dialog.set_search_failure(replace(request, page="2"), RemoteUnreachable("No answer."))
    assert dialog.search.results.isVisible()
    assert len(dialog.search.results.rows.models) == 1


def test_a_gated_model_says_what_to_do_and_where(
    failing: Callable[[ModelKeepError], DownloadDialog],
) -> None:
    dialog = failing(AccessDenied("org/name is gated.", hint="Accept its terms."))
    assert "https://huggingface.co/org/name" in dialog.model.page.text
    assert [words(button) for button in dialog.model.page.buttons] == [
        "Try again",
        "Copy the address of its page",
    ]
    dialog.model.page.copy.click()
    assert QApplication.clipboard().text() == "https://huggingface.co/org/name"
    asked = Asked(dialog)
    dialog.model.page.retry.click()
    assert [request.name for request in asked.of("model")] == ["org/name"]


def test_a_gated_model_says_whether_a_token_is_known(ask: Ask) -> None:
    dialog = ask()
    show(dialog, plan(model=hub_model(gated="auto")))
    assert "accept its terms on its page once" in seen(dialog)
    assert "No token is known here" in seen(dialog)
    choose(dialog.search.hub, "Team")
    show(dialog, plan(model=hub_model(gated="auto")))
    assert "No token is known here" not in seen(dialog)


def test_a_model_that_is_not_there_says_so(failing: Callable[[ModelKeepError], DownloadDialog]) -> None:
    dialog = failing(NotOnRemote("The hub has no model org/name.", hint="See the name."))
    assert "The hub has no model org/name. | See the name." in seen(dialog)
    assert dialog.model.page.buttons == []
    assert not dialog.download.isEnabled()


# What is in the list of downloads already --------------------------------------------------------------------------


def in_queue(made: DownloadPlan, state: TransferState, paths: Collection[str] = ()) -> Transfer:
    """A download of that plan which has come half of the way."""
    files = tuple(
        TransferFile(file.path, file.size, 0, FileState.WAITING)
        for file in made.chosen
        if not paths or file.path in paths
    )
    one = transfer("one", state=state, done=5_000)
    return replace(one, root=made.root, key=made.key, commit=made.commit, files=files)


def test_a_model_that_is_being_downloaded_is_not_offered_again(planned_dialog: DownloadDialog) -> None:
    planned_dialog.set_transfers([in_queue(planned_dialog.answer, TransferState.RUNNING)])
    assert not planned_dialog.download.isEnabled()
    assert "It is being downloaded: 50 % came." in seen(planned_dialog)
    planned_dialog.set_transfers([])
    assert planned_dialog.download.isEnabled()
    assert "It is being downloaded" not in seen(planned_dialog)


def test_a_download_that_waits_can_get_other_files(planned_dialog: DownloadDialog) -> None:
    made = planned_dialog.answer
    planned_dialog.set_transfers([in_queue(made, TransferState.QUEUED)])
    assert not planned_dialog.download.isEnabled()
    planned_dialog.set_transfers([in_queue(made, TransferState.QUEUED, [made.chosen[0].path])])
    assert planned_dialog.download.isEnabled()
    assert "these will be fetched instead" in seen(planned_dialog)


def test_a_download_that_stopped_goes_on(planned_dialog: DownloadDialog) -> None:
    planned_dialog.set_transfers([in_queue(planned_dialog.answer, TransferState.FAILED)])
    assert planned_dialog.download.isEnabled()
    assert "stopped at 50 %: it goes on there" in seen(planned_dialog)


def test_going_down_from_the_search_chooses_the_first(ask: Ask) -> None:
    dialog = ask()
    dialog.set_page(dialog.search.request, SearchPage((hub_model("org/a"), hub_model("org/b"))))
    results = dialog.search.results
    results.setFocus()  # makes the first current, without choosing it
    results.clearFocus()
    results.setCurrentIndex(results.rootIndex())
    results.enter()
    assert [index.row() for index in results.selectedIndexes()] == [0]
