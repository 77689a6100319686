"""The models that are registered without anybody's doing: the ids that Med-vLLM documents and registers."""

from __future__ import annotations

from modelkeep.registrations.values import Registration

__all__ = ["PRESETS"]

_BIOBERT = "dmis-lab/biobert-v1.1"
_CLINICAL = "emilyalsentzer/Bio_ClinicalBERT"

PRESETS = (
    Registration(
        "biobert-base",
        "biomedical",
        _BIOBERT,
        description="BioBERT v1.1: BERT, trained further on biomedical articles.",
        tags=("biomedical", "bert", "ncbi", "pubmed"),
        loader="BioBERTLoader",
    ),
    Registration(
        "clinical-bert-base",
        "clinical",
        _CLINICAL,
        description="Bio_ClinicalBERT: BioBERT, trained further on clinical notes.",
        tags=("clinical", "bert", "mimic"),
        loader="ClinicalBERTLoader",
    ),
    Registration(
        _BIOBERT,
        "biomedical",
        _BIOBERT,
        description="The same as biobert-base.",
        tags=("biomedical", "bert"),
        loader="BioBERTLoader",
    ),
    Registration(
        _CLINICAL,
        "clinical",
        _CLINICAL,
        description="The same as clinical-bert-base.",
        tags=("clinical", "bert"),
        loader="ClinicalBERTLoader",
    ),
    Registration(
        "biobert-base-cased-v1.2",
        "biomedical",
        "dmis-lab/biobert-base-cased-v1.2",
        description="BioBERT v1.2, with a head for masked words.",
        tags=("biomedical", "bert"),
        loader="BioBERTLoader",
    ),
    Registration(
        "clinical-bert-base-uncased",
        "clinical",
        _CLINICAL,
        description="An older name of clinical-bert-base. The model is cased, whatever this name says.",
        tags=("clinical", "bert"),
        loader="ClinicalBERTLoader",
    ),
    Registration(
        "bert-base-uncased",
        "generic",
        "google-bert/bert-base-uncased",
        description="BERT, as first published.",
        tags=("bert",),
        also=("bert-base-uncased",),
    ),
)
