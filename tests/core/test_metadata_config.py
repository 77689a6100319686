"""Configuration files say how a model is built, what made it and what it is for."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.metadata.config import CONFIG_FILES, read_config, told_by_names
from modelkeep.metadata.facts import Facts
from modelkeep.metadata.reading import Unreadable
from modelkeep.metadata.tasks import task_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def read(folder: Path, name: str, content: object) -> Facts:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_config(name, path)


def config(folder: Path, **fields: object) -> Facts:
    return read(folder, "config.json", fields)


def test_a_config_says_architecture_task_dtype_and_context(folder: Path) -> None:
    facts = config(
        folder,
        architectures=["BertForTokenClassification"],
        model_type="bert",
        torch_dtype="float16",
        max_position_embeddings=512,
    )

    assert facts == Facts(
        library="transformers",
        task="token-classification",
        architecture="BertForTokenClassification",
        dtype="F16",
        context=512,
    )


def test_a_config_without_architectures_still_has_its_type(folder: Path) -> None:
    assert config(folder, model_type="bert") == Facts(library="transformers", architecture="bert")


def test_what_a_vision_model_says_of_its_language_half_is_read(folder: Path) -> None:
    facts = config(
        folder,
        architectures=["Qwen2VLForConditionalGeneration"],
        vision_config={},
        text_config={"max_position_embeddings": 32768, "dtype": "bfloat16"},
    )

    assert (facts.task, facts.context, facts.dtype) == ("image-text-to-text", 32768, "BF16")


def test_roberta_cannot_use_the_positions_before_its_padding(folder: Path) -> None:
    assert config(folder, model_type="roberta", max_position_embeddings=514, pad_token_id=1).context == 512
    assert config(folder, model_type="bert", max_position_embeddings=512, pad_token_id=0).context == 512


def test_code_of_the_repository_is_named(folder: Path) -> None:
    assert config(folder, auto_map={"AutoModel": "modeling.Mine"}).custom_code
    assert read(folder, "tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["a.B", None]}}).custom_code
    assert not config(folder, auto_map={}).custom_code


def test_a_tokenizer_without_a_limit_says_no_context(folder: Path) -> None:
    assert read(folder, "tokenizer_config.json", {"model_max_length": 384}).context == 384
    assert read(folder, "tokenizer_config.json", {"model_max_length": int(1e30)}).context == 0


@pytest.mark.parametrize(
    ("quantization", "name"),
    [
        ({"quant_method": "gptq", "bits": 4}, "GPTQ 4-bit"),
        ({"quant_method": "awq", "bits": 4, "version": "gemm"}, "AWQ 4-bit"),
        (
            {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"},
            "bitsandbytes NF4",
        ),
        ({"load_in_4bit": True}, "bitsandbytes 4-bit"),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "bitsandbytes 8-bit"),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "FP8"),
        ({"quant_method": "mxfp4"}, "MXFP4"),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {"group_0": {"weights": {"num_bits": 4}}},
            },
            "compressed-tensors 4-bit",
        ),
        ({"strange": 1}, "quantised"),
        ({}, ""),
        ("gptq", ""),
    ],
)
def test_a_quantisation_has_a_short_name(folder: Path, quantization: object, name: str) -> None:
    assert config(folder, quantization_config=quantization).quantisation == name


def test_a_model_for_mlx_is_told_by_its_own_field(folder: Path) -> None:
    facts = config(folder, model_type="llama", quantization={"group_size": 64, "bits": 4})

    assert (facts.library, facts.quantisation) == ("mlx", "MLX 4-bit")


def test_timm_is_told_from_transformers(folder: Path) -> None:
    facts = config(
        folder,
        architecture="resnet50",
        num_classes=1000,
        pretrained_cfg={"license": "apache-2.0", "tag": "a1"},
    )

    assert facts == Facts(
        library="timm", architecture="resnet50", task="image-classification", licence="apache-2.0"
    )
    assert (
        config(folder, architecture="vit", num_classes=0, num_features=3).task == "image-feature-extraction"
    )


def test_sentence_transformers_is_a_chain_of_folders(folder: Path) -> None:
    modules = [
        {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]

    assert read(folder, "modules.json", modules) == Facts(
        library="sentence-transformers", task="sentence-similarity", components=("", "1_Pooling")
    )
    assert read(folder, "modules.json", [*modules, {"path": "2", "type": "custom.Module"}]).custom_code


def test_diffusers_is_a_pipeline_of_folders(folder: Path) -> None:
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.31.0",
        "_name_or_path": ["x"],
        "requires_safety_checker": True,
        "safety_checker": [None, None],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "unet": ["diffusers", "UNet2DConditionModel"],
    }

    assert read(folder, "model_index.json", index) == Facts(
        library="diffusers",
        task="text-to-image",
        architecture="StableDiffusionPipeline",
        components=("text_encoder", "unet"),
    )
    assert config(folder, _class_name="AutoencoderKL", _diffusers_version="0.31") == Facts(
        library="diffusers", architecture="AutoencoderKL"
    )


@pytest.mark.parametrize(
    ("pipeline", "task"),
    [
        ("StableDiffusionImg2ImgPipeline", "image-to-image"),
        ("WanImageToVideoPipeline", "image-to-video"),
        ("CogVideoXPipeline", "text-to-video"),
        ("AudioLDM2Pipeline", "text-to-audio"),
        ("DDPMPipeline", "unconditional-image-generation"),
        ("NovelPipeline", ""),
    ],
)
def test_a_pipeline_without_a_text_encoder_is_told_by_its_name(
    folder: Path, pipeline: str, task: str
) -> None:
    assert read(folder, "model_index.json", {"_class_name": pipeline}).task == task


def test_an_adapter_names_what_it_adapts(folder: Path) -> None:
    adapter = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": "meta-llama/Llama-3.1-8B",
    }

    assert read(folder, "adapter_config.json", adapter) == Facts(
        library="peft",
        task="text-generation",
        architecture="LORA",
        base_models=("meta-llama/Llama-3.1-8B",),
    )


def test_spacy_and_medcat_are_told_from_other_files_of_the_same_name(folder: Path) -> None:
    meta = {"spacy_version": ">=3.7", "lang": "en", "license": "MIT", "pipeline": ["tok2vec", "ner"]}
    card = {"MedCAT Version": "2.1.0", "Source Ontology": ["SNOMED"], "Model ID": "0123"}

    assert read(folder, "meta.json", meta) == Facts(
        licence="MIT", languages=("en",), library="spacy", task="token-classification"
    )
    assert read(folder, "model_card.json", card) == Facts(
        library="medcat", task="token-classification", tags=("SNOMED",)
    )
    assert read(folder, "meta.json", {"lang": "en"}) == read(folder, "model_card.json", {"a": 1}) == Facts()


@pytest.mark.parametrize(
    ("names", "library"),
    [
        ({"config_sentence_transformers.json"}, "sentence-transformers"),
        ({"cdb.dat", "vocab.dat"}, "medcat"),
        ({"model.nemo"}, "nemo"),
        ({"config_setfit.json", "config.json"}, "setfit"),
        ({"README.md"}, ""),
    ],
)
def test_names_alone_tell_some_libraries(names: set[str], library: str) -> None:
    assert told_by_names(names).library == library


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a": Infinity}', "not JSON"),
        (b"[]", "not an object"),
        (b" " * (8 << 20) + b"{}", "longer than the 8 MiB"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    ],
)
def test_a_broken_config_is_refused_with_its_reason(folder: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        read(folder, "config.json", content)


def test_a_config_with_a_byte_order_mark_is_read(folder: Path) -> None:
    assert read(folder, "config.json", '\ufeff{"model_type": "bert"}'.encode()).architecture == "bert"


FIELDS = [
    *("architectures", "architecture", "model_type", "dtype", "auto_map", "text_config", "vision_config"),
    *(
        "quantization_config",
        "quantization",
        "config_groups",
        "bits",
        "quant_method",
        "load_in_4bit",
        "weights",
    ),
    *(
        "max_position_embeddings",
        "pad_token_id",
        "model_max_length",
        "pretrained_cfg",
        "num_features",
        "path",
    ),
    *(
        "_class_name",
        "_diffusers_version",
        "base_model_name_or_path",
        "task_type",
        "spacy_version",
        "pipeline",
    ),
    *("lang", "license", "MedCAT Version", "Source Ontology", "type"),
]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
)


@given(
    st.sampled_from(CONFIG_FILES), anything | st.dictionaries(st.sampled_from(FIELDS), anything, max_size=8)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400, deadline=None)
def test_fields_of_any_type_are_read_or_refused(folder: Path, name: str, content: object) -> None:
    try:
        facts = read(folder, name, content)
    except Unreadable:
        return
    assert Facts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def mappings_of_transformers() -> dict[str, list[str]]:
    """The class names of each head in transformers' own tables, taken from its source without loading it."""
    spec = importlib.util.find_spec("transformers")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    source = Path(spec.submodule_search_locations[0], "models", "auto", "modeling_auto.py").read_text("utf-8")
    found: dict[str, list[str]] = {}
    for node in ast.parse(source).body:
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(args=[ast.List(elements)])):
                pairs = [ast.literal_eval(pair) for pair in elements if isinstance(pair, ast.Tuple)]
                found[name] = [
                    each for _, value in pairs for each in ([value] if isinstance(value, str) else value)
                ]
    return found


@pytest.mark.parametrize(
    ("table", "task"),
    [
        ("MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES", "token-classification"),
        ("MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES", "text-classification"),
        ("MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES", "question-answering"),
        ("MODEL_FOR_TABLE_QUESTION_ANSWERING_MAPPING_NAMES", "table-question-answering"),
        ("MODEL_FOR_DOCUMENT_QUESTION_ANSWERING_MAPPING_NAMES", "document-question-answering"),
        ("MODEL_FOR_MASKED_LM_MAPPING_NAMES", "fill-mask"),
        ("MODEL_FOR_CAUSAL_LM_MAPPING_NAMES", "text-generation"),
        ("MODEL_FOR_CTC_MAPPING_NAMES", "automatic-speech-recognition"),
        ("MODEL_FOR_AUDIO_CLASSIFICATION_MAPPING_NAMES", "audio-classification"),
        ("MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES", "image-classification"),
        ("MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES", "object-detection"),
        ("MODEL_FOR_DEPTH_ESTIMATION_MAPPING_NAMES", "depth-estimation"),
    ],
)
def test_tasks_agree_with_the_tables_of_transformers(table: str, task: str) -> None:
    names = mappings_of_transformers()[table]

    # A class may stand in several tables: Bart fills masks too, but is known for rewriting.
    assert len([name for name in names if task_of(name, {}) == task]) >= 0.9 * len(names) > 0


@pytest.mark.parametrize(
    ("architecture", "task"),
    [
        ("T5ForConditionalGeneration", "text2text-generation"),
        ("WhisperForConditionalGeneration", "automatic-speech-recognition"),
        ("Wav2Vec2ForSequenceClassification", "audio-classification"),
        ("GPT2LMHeadModel", "text-generation"),
        ("XLMWithLMHeadModel", "fill-mask"),
        ("MarianMTModel", "translation"),
        ("CLIPModel", "zero-shot-image-classification"),
        ("BertModel", "feature-extraction"),
        ("BertForNextSentencePrediction", ""),
        ("", ""),
    ],
)
def test_a_class_name_tells_the_task(architecture: str, task: str) -> None:
    assert task_of(architecture, {}) == task
