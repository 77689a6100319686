"""What a plan says of a model before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelkeep.errors import ModelNotFound, UnsafeModel, UnsupportedModel
from modelkeep.inference.history import InputHistory
from modelkeep.inference.memory import memory_free, processor_memory
from modelkeep.inference.outcome import Device, Interpreter
from modelkeep.inference.plan import TryPlan
from modelkeep.inference.values import Backend, Message, Task, TryInputs, TryOptions
from modelkeep.inference_choices import InferenceSettings
from modelkeep.keys import ModelKey
from modelkeep.library import Library, open_library
from support.caches import CacheMaker
from support.models import tiny_safetensors


def config(architecture: str, **more: object) -> bytes:
    return json.dumps(
        {"architectures": [architecture], "model_type": "bert", "vocab_size": 9, **more}
    ).encode()


def model(architecture: str, card: str = "", **more: object) -> dict[str, bytes]:
    files = {
        "config.json": config(architecture, **more),
        "model.safetensors": tiny_safetensors({"w": ("F32", (2, 3))}),
    }
    return files | ({"README.md": f"---\npipeline_tag: {card}\n---\n".encode()} if card else {})


def plan_of(cache: CacheMaker, files: dict[str, bytes], **how: object) -> TryPlan:
    if not cache.folder("org/model").exists():
        cache.add("org/model", files)
    with open_library([cache.root]) as library:
        [selected] = library.choose(["org/model"])
        return library.tryouts.plan(selected, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("architecture", "card", "tasks"),
    [
        ("BertForSequenceClassification", "", ["text-classification"]),
        ("BertForMaskedLM", "", ["fill-mask", "sentence-similarity"]),
        ("BertForMaskedLM", "feature-extraction", ["sentence-similarity", "fill-mask"]),
        ("BertModel", "", ["sentence-similarity"]),
        ("LlamaForCausalLM", "", ["text-generation"]),
        ("XLMWithLMHeadModel", "", ["fill-mask", "sentence-similarity"]),
        (
            "BartForConditionalGeneration",
            "summarization",
            ["summarization", "text2text-generation", "translation"],
        ),
        ("MarianMTModel", "", ["translation", "text2text-generation"]),
        ("OwnBertOfOurs", "token-classification", ["token-classification"]),
    ],
)
def test_tasks_are_those_of_the_class_the_card_s_own_first(
    cache: CacheMaker, architecture: str, card: str, tasks: list[str]
) -> None:
    plan = plan_of(cache, model(architecture, card))
    assert [str(task) for task in plan.tasks] == tasks
    assert plan.task == tasks[0]


def test_another_task_is_tried_where_the_model_can_do_it(cache: CacheMaker) -> None:
    plan = plan_of(cache, model("BertForMaskedLM"), task="embeddings")
    assert (plan.task, plan.load.task) == (Task.SENTENCE_SIMILARITY, Task.SENTENCE_SIMILARITY)
    with pytest.raises(UnsupportedModel, match="cannot be tried for translation") as refused:
        plan_of(cache, model("BertForMaskedLM"), task="translation")
    assert refused.value.hint == "It can be tried for fill-mask or sentence-similarity."
    with pytest.raises(UnsupportedModel, match="“baking” is no task"):
        plan_of(cache, model("BertForMaskedLM"), task="baking")


ADAPTER = {
    "adapter_config.json": b'{"base_model_name_or_path": "org/x"}',
    "adapter_model.safetensors": b"x",
}


@pytest.mark.parametrize(
    ("files", "said", "cause"),
    [
        (ADAPTER, "adapter of org/x", "kind"),
        (
            {"model_index.json": b'{"_class_name": "DDPMPipeline"}', "unet/a.safetensors": b"x"},
            "diffusers",
            "kind",
        ),
        ({"cdb.dat": b"x", "vocab.dat": b"x"}, "MedCAT", "kind"),
        (model("WhisperForConditionalGeneration"), "automatic-speech-recognition", "kind"),
        (model("CLIPModel"), "zero-shot-image-classification", "kind"),
        (model("WhisperModel"), "Its class is WhisperModel", "kind"),
        ({"config.json": config("BertModel"), "tf_model.h5": b"x"}, "TensorFlow", "kind"),
        ({"config.json": config("BertModel")}, "No weights are here", "missing"),
        ({"README.md": b"x"}, "no weights", "kind"),
    ],
)
def test_what_cannot_be_tried_says_so_and_is_no_exception(
    cache: CacheMaker, files: dict[str, bytes], said: str, cause: str
) -> None:
    plan = plan_of(cache, files)
    assert said in plan.problem
    assert plan.problem.endswith(".")
    assert plan.hint
    assert plan.cause == cause


def test_a_dataset_is_no_model(cache: CacheMaker) -> None:
    cache.add("org/data", {"a.csv": b"1"}, repo_type="dataset")
    with open_library([cache.root]) as library:
        [selected] = library.choose(["datasets/org/data"])
        plan = library.tryouts.plan(selected)
        assert plan.problem == "hf-dataset@org/data is a dataset, and no model."
        with pytest.raises(UnsupportedModel, match="is a dataset"):
            library.tryouts.run(plan, TryInputs(("x",)))


def test_a_broken_link_and_a_wrong_size_are_named(cache: CacheMaker) -> None:
    cache.add("org/model", model("BertModel"))
    blob = (cache.folder("org/model") / "snapshots").rglob("model.safetensors").__next__().resolve()
    blob.write_bytes(blob.read_bytes()[:-1])
    with open_library([cache.root]) as library:
        [selected] = library.choose(["org/model"])
        plan = library.tryouts.plan(selected)
    assert plan.cause == "damaged"
    assert "model.safetensors" in plan.problem
    assert "modelkeep verify" in plan.hint


def test_a_python_without_the_libraries_names_the_extra(cache: CacheMaker, tmp_path: Path) -> None:
    cache.add("org/model", model("BertModel"))
    from modelkeep.inference.planning import plan_try

    with open_library([cache.root]) as library:
        [found] = library.find(ModelKey("org/model"))
        assert found.main is not None
        bare = Interpreter("", "3.12.1", {"torch": "2.8", "transformers": "4.1"})
        plan = plan_try(library.inventory(cache.root), found, found.main, library.catalog, interpreter=bare)
    assert plan.cause == "runtime"
    assert "transformers 4.1" in plan.problem
    assert "modelkeep[inference]" in plan.hint


def test_a_file_of_several_weights_decides_what_runs_it(cache: CacheMaker) -> None:
    files = model("BertForSequenceClassification") | {"onnx/model.onnx": b"x" * 5000}
    assert plan_of(cache, files).load.backend is Backend.TRANSFORMERS
    plan = plan_of(cache, files, file="onnx/model.onnx")
    assert (plan.load.backend, plan.load.file) == (Backend.ONNX, "onnx/model.onnx")
    assert plan.tasks == (Task.TEXT_CLASSIFICATION,)
    with pytest.raises(ModelNotFound, match="has no file other"):
        plan_of(cache, files, file="other.gguf")


def test_memory_follows_the_numbers_that_will_be_used(cache: CacheMaker) -> None:
    files = model("BertModel") | {"model.safetensors": tiny_safetensors({"w": ("F32", (1000, 1000))})}
    single = plan_of(cache, files, dtype="float32")
    half = plan_of(cache, files, dtype="bfloat16")
    assert single.memory_needed - half.memory_needed >= 2_000_000
    assert single.memory_needed > 350 << 20
    assert single.memory_free > 0


def test_memory_counts_that_a_processor_computes_halves_as_float32(cache: CacheMaker) -> None:
    weights = {"model.safetensors": tiny_safetensors({"w": ("F16", (1000, 1000))})}
    halves = model("BertModel", dtype="float16") | weights
    single = plan_of(cache, halves, dtype="float32", device="cpu").memory_needed
    assert plan_of(cache, halves, device="cpu").memory_needed == single
    assert plan_of(cache, halves, dtype="float16", device="cpu").memory_needed <= single - 2_000_000
    # Not where their double takes more than half of what it may have.
    narrow = InferenceSettings(memory=7_000_000)
    assert plan_of(cache, halves, device="cpu", settings=narrow).memory_needed <= single - 2_000_000


def test_memory_of_the_processor_is_no_matter_where_a_card_runs_it() -> None:
    devices = (Device("cuda:0", "a card", 8 << 30, 3 << 30), Device("cpu", "the processor"))
    assert processor_memory("auto", devices) == processor_memory("cuda:0", devices) == 0
    assert processor_memory("auto", (Device("mps", "Metal"),)) == 0
    assert processor_memory("cpu", devices, 1000) == 1000
    assert processor_memory("auto") > 1000


def test_memory_is_that_of_the_device() -> None:
    devices = (Device("cpu", "the processor"), Device("cuda:0", "a card", 8 << 30, 3 << 30))
    assert memory_free("auto", devices) == memory_free("cuda", devices) == 3 << 30
    assert memory_free("cpu", devices) != 3 << 30


# ---- code of its own


def with_code(source: bytes = b"class M: ...\n") -> dict[str, bytes]:
    return model("OwnModel", "text-classification", auto_map={"AutoModel": "modeling.M"}) | {
        "modeling.py": source
    }


def test_a_class_of_its_own_is_tried_for_what_its_code_says_that_it_is(cache: CacheMaker) -> None:
    own = {"AutoConfig": "modeling.C", "AutoModelForSequenceClassification": "modeling.M"}
    plan = plan_of(cache, model("OwnModelOfOurs", auto_map=own) | {"modeling.py": b"class M: ...\n"})
    assert (plan.problem, plan.tasks) == ("", (Task.TEXT_CLASSIFICATION,))


def test_a_yes_to_code_is_for_one_commit_and_its_code(cache: CacheMaker) -> None:
    first = cache.add("org/model", with_code(), refs=("v1",))
    second = cache.add("org/model", with_code(b"class M: pass\n"))
    with open_library([cache.root]) as library:
        [at_first] = library.choose([f"org/model@{first}"])
        [at_second] = library.choose([f"org/model@{second}"])
        plan = library.tryouts.plan(at_first)
        assert (plan.wants_code, plan.code_allowed) == (True, False)
        assert plan.code_files == ("modeling.py",)
        library.tryouts.allow_code(at_first)
    with open_library([cache.root]) as library:
        allowed = library.tryouts.plan(at_first)
        assert (allowed.code_allowed, allowed.load.allow_code) == (True, True)
        assert not library.tryouts.plan(at_second).code_allowed
        assert library.catalog.events()[0].verb == "allow"
    code = Path(allowed.load.folder, "modeling.py").resolve()
    code.write_bytes(b"class M: ..!\n")
    with open_library([cache.root]) as library:
        assert not library.tryouts.plan(at_first).code_allowed
        library.tryouts.allow_code(at_first)
        library.tryouts.allow_code(at_first, False)
        assert not library.tryouts.plan(at_first).code_allowed


def test_without_a_yes_nothing_is_loaded(cache: CacheMaker) -> None:
    cache.add("org/model", with_code())
    with open_library([cache.root]) as library:
        [selected] = library.choose(["org/model"])
        with pytest.raises(UnsafeModel, match=r"runs code of its own .*modeling\.py") as refused:
            library.tryouts.run(library.tryouts.plan(selected), TryInputs(("x",)))
        assert refused.value.hint
        assert library.tryouts.workers() == ()


# ---- the last inputs


def asked(text: str) -> TryInputs:
    return TryInputs((text,), messages=(Message("user", "Hi 🙂\0"),))


def test_the_last_inputs_are_kept_for_each_model_and_task(tmp_path: Path) -> None:
    path = tmp_path / "data" / "asked.sqlite"
    history, key = InputHistory(path), ModelKey("org/model")
    options = TryOptions(seed=3, stop=("\n",))
    assert history.last("/hub", key) == ()
    assert not path.exists()
    for number in range(25):
        history.remember("/hub", key, Task.FILL_MASK, asked(f"{number}"), options)
    history.remember("/hub", key, Task.FILL_MASK, asked("7"), options)
    history.remember("/hub", key, Task.TEXT_GENERATION, asked("a"), TryOptions())
    history.remember("/other", key, Task.FILL_MASK, asked("b"), options)
    history.remember("/hub", key, Task.FILL_MASK, asked("x" * 200_000), options)
    history.close()
    history = InputHistory(path)
    found = history.last("/hub", key)
    assert [one.inputs.texts[0] for one in found[:4]] == ["a", "7", "24", "23"]
    assert len(found) == 21
    assert (found[1].inputs, found[1].options, found[1].task) == (asked("7"), options, Task.FILL_MASK)
    assert path.stat().st_mode & 0o077 == 0
    assert history.forget("/hub", key) == 21
    assert history.last("/hub", key) == ()
    assert len(history.last("/other", key)) == 1
    assert history.forget() == 1
    history.close()
    assert b"Hi" not in path.read_bytes()


def test_settings_of_another_python_are_looked_at(
    cache: CacheMaker, library: Library, tmp_path: Path
) -> None:
    cache.add("org/model", model("BertModel"))
    library.refresh()
    [selected] = library.choose(["org/model"])
    plan = library.tryouts.plan(selected, settings=InferenceSettings(interpreter=str(tmp_path / "python")))
    assert plan.cause == "runtime"
    assert str(tmp_path / "python") in plan.problem


@pytest.fixture
def library(cache: CacheMaker):  # type: ignore[no-untyped-def]
    with open_library([cache.root]) as found:
        yield found
