"""Which form fits which task."""

from __future__ import annotations

from modelkeep.inference.values import Task
from modelkeep_gui.tryout.form import Form
from modelkeep_gui.tryout.image_form import ImageForm
from modelkeep_gui.tryout.mask_form import MaskForm
from modelkeep_gui.tryout.prompt_form import PromptForm
from modelkeep_gui.tryout.question_form import QuestionForm
from modelkeep_gui.tryout.sequence_form import SequenceForm
from modelkeep_gui.tryout.text_form import ClassifyForm, SentencesForm, TextForm

__all__ = ["make_form"]


def make_form(task: Task) -> Form:
    """A form for what is asked of a model of this task."""
    match task:
        case Task.TEXT_CLASSIFICATION:
            return ClassifyForm()
        case Task.TOKEN_CLASSIFICATION:
            return TextForm()
        case Task.FILL_MASK:
            return MaskForm()
        case Task.SENTENCE_SIMILARITY:
            return SentencesForm()
        case Task.TEXT_GENERATION:
            return PromptForm()
        case Task.QUESTION_ANSWERING:
            return QuestionForm()
        case Task.IMAGE_CLASSIFICATION:
            return ImageForm()
        case Task.SUMMARIZATION | Task.TRANSLATION | Task.TEXT2TEXT_GENERATION:
            return SequenceForm(translates=task is Task.TRANSLATION)
