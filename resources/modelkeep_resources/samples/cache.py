"""A sample cache for pictures and trials: models with well-known names, whose weights are space without content.

The files are what a window reads: cards, configurations, headers of safetensors and GGUF files that say how many
parameters follow. Behind the header nothing is written; the space is reserved where the file system can do that,
so that sizes and the disk bar are as with real models.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["SAMPLES", "Sample", "make_sample_cache"]

_MILLION = 1_000_000
_BYTES = {"F32": 4, "F16": 2, "BF16": 2}


@dataclass(frozen=True)
class Sample:
    """A model as it is to look. `parameters` are millions; `days` since it was last used."""

    repo_id: str
    task: str
    library: str
    architecture: str
    parameters: float
    licence: str
    dtype: str = "F32"
    days: float = 3
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en",)
    extra: Mapping[str, int] = field(default_factory=dict)
    """Other files with their sizes in bytes."""
    state: str = ""
    """What is wrong: "incomplete", "damaged", "dangling"; "revisions" for an older one beside it."""


SAMPLES = (
    Sample("sentence-transformers/all-MiniLM-L6-v2", "sentence-similarity", "sentence-transformers", "BertModel",
           22.7, "apache-2.0", days=0.2, tags=("feature-extraction",), state="revisions"),
    Sample("sentence-transformers/all-mpnet-base-v2", "sentence-similarity", "sentence-transformers", "MPNetModel",
           109, "apache-2.0", days=12),
    Sample("BAAI/bge-small-en-v1.5", "feature-extraction", "sentence-transformers", "BertModel", 33.4, "mit", days=4),
    Sample("google-bert/bert-base-uncased", "fill-mask", "transformers", "BertForMaskedLM", 110, "apache-2.0", days=1,
           extra={"pytorch_model.bin": 440 * _MILLION}, tags=("exbert",)),
    Sample("distilbert/distilbert-base-uncased-finetuned-sst-2-english", "text-classification", "transformers",
           "DistilBertForSequenceClassification", 67, "apache-2.0", days=33),
    Sample("dmis-lab/biobert-v1.1", "feature-extraction", "transformers", "BertModel", 108, "other", days=2,
           tags=("clinical", "biomedical"), extra={"pytorch_model.bin": 433 * _MILLION}),
    Sample("emilyalsentzer/Bio_ClinicalBERT", "fill-mask", "transformers", "BertForMaskedLM", 108, "mit", days=2,
           tags=("clinical", "mimic")),
    Sample("d4data/biomedical-ner-all", "token-classification", "transformers", "DistilBertForTokenClassification",
           66, "apache-2.0", days=9, tags=("ner", "medical")),
    Sample("dslim/bert-base-NER", "token-classification", "transformers", "BertForTokenClassification", 108, "mit",
           days=140),
    Sample("microsoft/deberta-v3-base", "fill-mask", "transformers", "DebertaV2Model", 184, "mit", days=210),
    Sample("FacebookAI/xlm-roberta-base", "fill-mask", "transformers", "XLMRobertaForMaskedLM", 278, "mit", days=75,
           languages=("multilingual", "de", "fr", "zh")),
    Sample("openai-community/gpt2", "text-generation", "transformers", "GPT2LMHeadModel", 137, "mit", days=50),
    Sample("Qwen/Qwen2.5-0.5B-Instruct", "text-generation", "transformers", "Qwen2ForCausalLM", 494, "apache-2.0",
           "BF16", days=0.5, tags=("chat",), languages=("en", "zh")),
    Sample("HuggingFaceTB/SmolLM2-360M-Instruct", "text-generation", "transformers", "LlamaForCausalLM", 362,
           "apache-2.0", "BF16", days=6, state="incomplete"),
    Sample("bartowski/SmolLM2-360M-Instruct-GGUF", "text-generation", "llama.cpp", "", 0, "apache-2.0", days=8,
           extra={"SmolLM2-360M-Instruct-Q4_K_M.gguf": 271 * _MILLION}),
    Sample("openai/whisper-tiny", "automatic-speech-recognition", "transformers", "WhisperForConditionalGeneration",
           37.8, "apache-2.0", days=20, languages=("en", "de", "zh", "multilingual")),
    Sample("facebook/dinov2-small", "image-feature-extraction", "transformers", "Dinov2Model", 22, "apache-2.0",
           days=61),
    Sample("timm/resnet50.a1_in1k", "image-classification", "timm", "", 25.6, "apache-2.0", days=120),
    Sample("nomic-ai/nomic-embed-text-v1", "sentence-similarity", "sentence-transformers", "NomicBertModel", 137,
           "apache-2.0", days=15, extra={"modeling_hf_nomic_bert.py": 52_000}, tags=("custom_code",)),
    Sample("cross-encoder/ms-marco-MiniLM-L6-v2", "text-classification", "sentence-transformers",
           "BertForSequenceClassification", 22.7, "apache-2.0", days=300, state="dangling"),
    Sample("ProsusAI/finbert", "text-classification", "transformers", "BertForSequenceClassification", 0, "other",
           days=95, extra={"pytorch_model.bin": 438 * _MILLION}, state="damaged"),
)  # fmt: skip


def make_sample_cache(root: Path, *, scale: float = 1.0) -> None:
    """Fill `root` with the samples, their weights `scale` times as large as the real ones."""
    root.mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        _make(root, sample, scale)


def _make(root: Path, sample: Sample, scale: float) -> None:
    repo = root / f"models--{sample.repo_id.replace('/', '--')}"
    for name in ("blobs", "refs", "snapshots", "trees"):
        (repo / name).mkdir(parents=True)
    commit = hashlib.sha1(sample.repo_id.encode()).hexdigest()
    files = _files(sample, scale)
    _add_revision(repo, commit, files, sample.days)
    (repo / "refs" / "main").write_text(commit)
    weights = next((name for name in files if name.endswith((".safetensors", ".bin", ".gguf"))), "")
    match sample.state:
        case "revisions":
            older = hashlib.sha1(commit.encode()).hexdigest()
            changed = files | {"README.md": (files["README.md"][0] + b"\nAn older card.\n", 0)}
            _add_revision(repo, older, changed, sample.days + 200)
            (repo / "refs" / "v1.0").write_text(older)
        case "incomplete":
            link = repo / "snapshots" / commit / weights
            partial = link.resolve()
            link.unlink()
            partial.rename(partial.with_name(f"{partial.name}.5f3a9c21.incomplete"))
            os.truncate(partial.with_name(f"{partial.name}.5f3a9c21.incomplete"), int(40 * _MILLION * scale))
        case "damaged":
            (repo / "snapshots" / commit / weights).resolve().unlink()
        case "dangling":
            (repo / "refs" / "main").write_text("0" * 40)


def _add_revision(repo: Path, commit: str, files: Mapping[str, tuple[bytes, int]], days: float) -> None:
    """`files` are the beginnings of files, and how many bytes of space come after."""
    listing = {}
    for name, (start, space) in files.items():
        size = len(start) + space
        plain = hashlib.sha1(b"blob %d\0" % size + start).hexdigest()
        large = hashlib.sha256(f"{repo.name}/{name}".encode()).hexdigest()
        blob = repo / "blobs" / (large if space else plain)
        if not blob.exists():
            _write(blob, start, space)
        when = time.time() - days * 86400
        os.utime(blob, (when, when - 86400))
        link = repo / "snapshots" / commit / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
        listing[name] = {"size": size, "blob_id": plain}
        if space:
            listing[name] |= {"lfs_sha256": large, "lfs_size": size}
    tree = json.dumps({"format_version": 1, "files": listing}, indent=1)
    (repo / "trees" / f"{commit}.json").write_text(tree)


def _write(path: Path, start: bytes, space: int) -> None:
    with path.open("wb") as file:
        file.write(start)
        file.flush()
        if not space:
            return
        size = len(start) + space
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except (AttributeError, OSError):
            os.truncate(file.fileno(), size)  # sizes are right then, and what they take on the disk is not


def _files(sample: Sample, scale: float) -> dict[str, tuple[bytes, int]]:
    config: dict[str, object] = {"model_type": sample.architecture.partition("For")[0].lower() or "unknown"}
    if sample.architecture:
        config |= {"architectures": [sample.architecture], "max_position_embeddings": 512}
    if "custom_code" in sample.tags:
        config["auto_map"] = {"AutoModel": "modeling_hf_nomic_bert.NomicBertModel"}
    files = {
        "README.md": (_card(sample), 0),
        "config.json": (json.dumps(config, indent=2).encode(), 0),
        "tokenizer.json": (json.dumps({"version": "1.0", "model": sample.repo_id}).encode(), 0),
    }
    if sample.parameters:
        files["model.safetensors"] = _safetensors(int(sample.parameters * _MILLION * scale), sample.dtype)
    for name, size in sample.extra.items():
        start = _gguf() if name.endswith(".gguf") else b""
        files[name] = (
            (b"# code of the repository\n", 0) if name.endswith(".py") else (start, int(size * scale))
        )
    return files


def _card(sample: Sample) -> bytes:
    name = sample.repo_id.rpartition("/")[2]
    lines = [
        "---",
        f"license: {sample.licence}",
        f"library_name: {sample.library}",
        f"pipeline_tag: {sample.task}",
        "language:",
        *(f"- {language}" for language in sample.languages),
        *(["tags:", *(f"- {tag}" for tag in sample.tags)] if sample.tags else []),
        "---",
        "",
        f"# {name}",
        "",
        f"A model for **{sample.task.replace('-', ' ')}**, made for use with `{sample.library}`.",
        "",
        "## Intended use",
        "",
        "- research and evaluation on your own data",
        "- a starting point for fine-tuning",
        "",
        "| | |",
        "|---|---|",
        f"| Parameters | {sample.parameters:g} million |",
        f"| Licence | {sample.licence} |",
    ]
    return "\n".join(lines).encode() + b"\n"


def _safetensors(parameters: int, dtype: str) -> tuple[bytes, int]:
    size = parameters * _BYTES[dtype]
    header = {"weight": {"dtype": dtype, "shape": [parameters], "data_offsets": [0, size]}}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text, size


def _gguf() -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    def said(key: str, kind: int, value: bytes) -> bytes:
        return text(key) + struct.pack("<I", kind) + value

    values = [
        said("general.architecture", 8, text("llama")),
        said("general.file_type", 4, struct.pack("<I", 15)),
        said("llama.context_length", 4, struct.pack("<I", 8192)),
    ]
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(values)) + b"".join(values)
