"""All that is known of one model: what a details pane and `modelkeep show` tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from modelkeep.cache.inventory import CachedModel, CachedRevision, Problem
from modelkeep.metadata.card import read_card_text
from modelkeep.metadata.describe import Description
from modelkeep.metadata.kinds import file_kind
from modelkeep.rows import ModelRow

if TYPE_CHECKING:
    from modelkeep.checking.outcome import Verified
    from modelkeep.remote.values import Lineage
    from modelkeep.safety.verdict import ModelVerdict

__all__ = ["FileLine", "ModelDetails", "Provenance", "Trusted", "card_of", "files_of", "snippet"]


class FileLine(NamedTuple):
    """A file of a revision. `blob` is the name of its content, "" where it is a plain copy or its link is broken."""

    name: str
    size: int
    on_disk: int
    kind: str
    blob: str
    path: str
    is_here: bool


class Provenance(NamedTuple):
    """Where a revision came from: "" and 0.0 for what nobody wrote down. Times are seconds since the epoch."""

    url: str
    source: str
    archive: str
    at: float
    by: str
    last_modified: str
    """When the repository changed on its hub, as the archive or the hub said it (ISO 8601)."""


class Trusted(NamedTuple):
    """What is remembered of a revision that has not changed since, None for what nobody looked at.

    `lacks` says what it lacks to be loaded without a network, None for what is no model.
    """

    verified: Verified | None = None
    safety: ModelVerdict | None = None
    lacks: tuple[str, ...] | None = None


_UNKNOWN = Trusted()


@dataclass(frozen=True)
class ModelDetails:
    """A model with one of its revisions looked at closely: the one asked for, else the one loading by name uses."""

    row: ModelRow
    path: str
    refs: tuple[tuple[str, str], ...]
    commit: str
    snapshot: str
    files: tuple[FileLine, ...]
    missing: tuple[str, ...]
    description: Description
    card: str
    provenance: Provenance
    used_by: str
    problems: tuple[Problem, ...]
    snippet: str
    trusted: Trusted = _UNKNOWN
    lineage: Lineage | None = None


def files_of(revision: CachedRevision) -> tuple[FileLine, ...]:
    """The files of a revision with their kinds, by name."""
    beside = {file.name for file in revision.files}
    return tuple(
        FileLine(
            name=file.name,
            size=file.size,
            on_disk=file.blob.on_disk if file.blob else 0,
            kind=file_kind(file.name, beside).value,
            blob=file.blob.name if file.blob and file.linked else "",
            path=file.path,
            is_here=file.blob is not None,
        )
        for file in revision.files
    )


def card_of(revision: CachedRevision) -> str:
    """The text of the model's card, in Markdown without its front matter; "" when there is none to read."""
    file = revision.file("README.md")
    return read_card_text(file.blob.payload) if file and file.blob else ""


_AUTO_CLASSES = {
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "fill-mask": "AutoModelForMaskedLM",
    "text-generation": "AutoModelForCausalLM",
    "text2text-generation": "AutoModelForSeq2SeqLM",
    "image-classification": "AutoModelForImageClassification",
}


def snippet(model: CachedModel, description: Description, commit: str) -> str:
    """Python that loads the model by its name, or by its folder where no name leads to this revision."""
    refs = [ref for ref, named in model.refs if named == commit]
    revision = "" if "main" in refs else f', revision="{refs[0] if refs else commit}"'
    name = f'"{model.repo_id}"'
    if model.repo_type == "dataset":
        return f"from datasets import load_dataset\n\ndataset = load_dataset({name}{revision})"
    if model.repo_type != "model":
        return (
            f"from huggingface_hub import snapshot_download\n\nfolder = snapshot_download({name}{revision})"
        )
    if description.library == "sentence-transformers":
        return (
            "from sentence_transformers import SentenceTransformer\n\n"
            f"model = SentenceTransformer({name}{revision})"
        )
    if description.library == "diffusers":
        return (
            "from diffusers import DiffusionPipeline\n\n"
            f"pipeline = DiffusionPipeline.from_pretrained({name}{revision})"
        )
    if "gguf" in description.formats:
        return f"llama-server -hf {model.repo_id}"
    auto = _AUTO_CLASSES.get(description.task, "AutoModel")
    trust, remark = "", ""
    if description.custom_code:
        trust, remark = ", trust_remote_code=True", "  # runs the code of the repository"
    return (
        f"from transformers import {auto}, AutoTokenizer\n\n"
        f"tokenizer = AutoTokenizer.from_pretrained({name}{revision})\n"
        f"model = {auto}.from_pretrained({name}{revision}{trust}){remark}"
    )
