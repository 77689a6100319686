"""Letting `main` lead to another revision that is here, as after a bad update, with a way back."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from modelkeep.details import FileLine, ModelDetails
from modelkeep.keys import ModelKey
from modelkeep.rows import ModelRow, RevisionRow
from modelkeep_gui.ages import age_text
from modelkeep_gui.library.view import Selected
from modelkeep_gui.session import Session

__all__ = ["make_main"]

_MAIN = "main"
_NAMED = 4  # changed files that the question names


def make_main(session: Session, parent: QWidget, chosen: Selected) -> None:
    """Say what changes when `main` leads to the chosen revision, and let it after a yes."""
    row = session.table.row_at(session.table.index_of(chosen.root, chosen.key))
    now = next((one.commit for one in row.revisions if _MAIN in one.refs), "") if row else ""
    if row is None or not chosen.commit or chosen.commit == now:
        return
    _look(session, chosen, lambda there: _compare(session, parent, chosen, row, now, there))


def _compare(
    session: Session, parent: QWidget, chosen: Selected, row: ModelRow, now: str, there: ModelDetails
) -> None:
    if now:
        before = chosen._replace(commit=now)
        _look(session, before, lambda here: _ask(session, parent, chosen, row, here, there))
    else:
        _ask(session, parent, chosen, row, None, there)


def _look(session: Session, at: Selected, then: object) -> None:
    session.runner.run(
        _tr("Look at {}").format(ModelKey.known(at.key).repo_id),
        "details",
        *at,
        lane="details",
        visible=False,
        on_done=then,  # type: ignore[arg-type] # called with `ModelDetails`
        on_failed=lambda error: session.tell(f"{error} {error.hint}", tone="bad"),
    )


def _ask(
    session: Session,
    parent: QWidget,
    chosen: Selected,
    row: ModelRow,
    here: ModelDetails | None,
    there: ModelDetails,
) -> None:
    from modelkeep_gui.dialogs.confirm_dialog import ConfirmDialog

    dialog = ConfirmDialog(
        _tr("Make {} main?").format(there.commit[:7]), _text(row, here, there), _tr("Make this main"), parent
    )
    dialog.accepted.connect(lambda: _set(session, chosen))
    dialog.open()


def _text(row: ModelRow, here: ModelDetails | None, there: ModelDetails) -> str:
    revisions = {one.commit: one for one in row.revisions}
    parts = [
        _tr("Who loads {} without naming a revision gets {}.").format(
            row.repo_id, _named(revisions.get(there.commit), there.commit)
        )
    ]
    if here is not None:
        instead = _named(revisions.get(here.commit), here.commit)
        parts[0] = _tr("Who loads {} without naming a revision gets {} then, instead of {}.").format(
            row.repo_id, _named(revisions.get(there.commit), there.commit), instead
        )
        parts.append(_changes(here.files, there.files))
    target = revisions.get(there.commit)
    if target and target.state in ("incomplete", "damaged"):
        parts.append(_tr("That revision is not whole: loading it may not work."))
    parts.append(_tr("Nothing is deleted, and the next update moves main on again."))
    return "\n\n".join(filter(None, parts))


def _named(revision: RevisionRow | None, commit: str) -> str:
    if revision is None or not revision.modified:
        return commit[:7]
    age = time.time() - revision.modified
    return commit[:7] if age < 60 else _tr("{} ({} old)").format(commit[:7], age_text(age))


def _changes(here: tuple[FileLine, ...], there: tuple[FileLine, ...]) -> str:
    old, new = ({file.name: (file.size, file.blob) for file in files} for files in (here, there))
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if not names:
        # Plain copies have no name that tells one content from another of that size.
        is_known = all(file.blob for file in (*here, *there))
        return _tr("The files of both are the same.") if is_known else ""
    shown = ", ".join(names[:_NAMED])
    if len(names) > _NAMED:
        shown = _tr("{} and {} more").format(shown, f"{len(names) - _NAMED:,}")
    if len(names) == 1:
        return _tr("1 file differs: {}.").format(shown)
    return _tr("{} files differ: {}.").format(f"{len(names):,}", shown)


def _set(session: Session, to: Selected) -> None:
    session.runner.run(
        _tr("Make another revision main"),
        "hubs.set_ref",
        to.root,
        to.key,
        _MAIN,
        to.commit,
        lane=to.root,
        visible=False,
        on_done=partial(_tell, session, to),
        on_failed=lambda error: session.tell(f"{error} {error.hint}", tone="bad"),
    )


def _tell(session: Session, to: Selected, before: str) -> None:
    assert to.commit is not None
    session.feed.refresh()
    name = ModelKey.known(to.key).repo_id
    if before == to.commit:
        session.tell(_tr("main of {} leads to {} already.").format(name, to.commit[:7]))
        return
    undo = partial(_set, session, to._replace(commit=before)) if before else None
    session.tell(
        _tr("main of {} leads to {} now.").format(name, to.commit[:7]),
        action=_tr("Undo") if undo else "",
        about=undo,
        tone="good",
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("operations", text)
