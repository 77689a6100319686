"""A GGUF header is read as gguf's own reader reads it, and nothing in it can hang or fill the memory."""

from __future__ import annotations

import os
import struct
import time
import tracemalloc
from pathlib import Path

import gguf
import numpy
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from modelkeep.metadata.gguf import GGML_TYPES, GgufHeader, read_header
from modelkeep.metadata.reading import Unreadable
from support.models import LLAMA, tiny_gguf


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def read(file: Path, content: bytes) -> GgufHeader:
    file.write_bytes(content)
    return read_header(file)


def written_by_gguf(file: Path, endian: gguf.GGUFEndian = gguf.GGUFEndian.LITTLE) -> None:
    writer = gguf.GGUFWriter(file, "qwen3", endianess=endian)
    writer.add_name("Qwen3 “tiny”")
    writer.add_license("apache-2.0")
    writer.add_languages(["en", "zh"])
    writer.add_tags(["chat"])
    writer.add_context_length(40960)
    writer.add_rope_freq_base(1e6)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_custom_alignment(64)
    writer.add_token_list([f"token{number}" for number in range(1000)])
    writer.add_token_scores([0.5] * 1000)
    writer.add_chat_template("{{ x }}" * 1000)
    writer.add_tensor("norm", numpy.ones(32, numpy.float32))
    packed = gguf.quants.quantize(numpy.ones((4, 64), numpy.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("weight", packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("endian", list(gguf.GGUFEndian))
def test_what_gguf_writes_is_read(file: Path, endian: gguf.GGUFEndian) -> None:
    written_by_gguf(file, endian)

    header = read_header(file)

    assert header.version == 3
    assert header.big_endian == (endian is gguf.GGUFEndian.BIG)
    assert header.architecture == "qwen3"
    assert header.text("general.name") == "Qwen3 “tiny”"
    assert header.text("general.license") == "apache-2.0"
    assert header.texts("general.languages") == ("en", "zh")
    assert header.quantisation == "Q8_0"
    assert header.context == 40960
    assert header.parameters == (("Q8_0", 256), ("F32", 32))
    assert header.tensors == 2
    assert not header.makes_embeddings
    assert "tokenizer.chat_template" not in header.values


@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("version", [2, 3])
def test_gguf_reads_what_our_tests_write(file: Path, version: int, big_endian: bool) -> None:
    tensors = {name: (name, (2, 256)) for name, _, _ in GGML_TYPES.values()}
    content = tiny_gguf(LLAMA, tensors, version=version, big_endian=big_endian)

    header = read(file, content)
    reader = gguf.GGUFReader(file)

    assert {tensor.tensor_type.name: int(tensor.n_elements) for tensor in reader.tensors} == dict(
        header.parameters
    )
    field = reader.get_field("general.name")
    assert field is not None
    assert field.contents() == header.text("general.name") == "Tiny Llama"


def test_types_and_quantisations_are_those_of_gguf() -> None:
    assert {number: (name, block, size) for number, (name, block, size) in GGML_TYPES.items()} == {
        kind.value: (kind.name, *gguf.GGML_QUANT_SIZES[kind]) for kind in gguf.GGMLQuantizationType
    }


@pytest.mark.parametrize("file_type", list(gguf.LlamaFileType))
def test_a_file_type_is_named_as_llama_cpp_names_it(file: Path, file_type: gguf.LlamaFileType) -> None:
    header = read(file, tiny_gguf({"general.file_type": file_type.value}))

    if file_type is gguf.LlamaFileType.GUESSED:
        assert header.quantisation == "F32"
    else:
        assert header.quantisation == file_type.name.removeprefix("MOSTLY_").removeprefix("ALL_")


def test_a_file_that_does_not_say_its_quantisation_has_that_of_most_weights(file: Path) -> None:
    content = tiny_gguf({}, {"norm": ("F32", (32,)), "weight": ("Q4_K", (4, 256))})

    assert read(file, content).quantisation == "Q4_K"
    assert read(file, tiny_gguf({}, {})).quantisation == ""


def test_long_texts_and_lists_are_passed_over_and_not_kept(file: Path) -> None:
    long = {"general.description": "x" * 5000, "general.tags": ["y"] * 300, "general.name": "z" * 4096}

    assert read(file, tiny_gguf(LLAMA | long)).values == LLAMA | {"general.name": "z" * 4096}


def test_an_embedding_model_is_told_from_one_that_writes(file: Path) -> None:
    bert = {"general.architecture": "bert", "bert.context_length": 512, "bert.attention.causal": False}

    assert read(file, tiny_gguf(bert)).makes_embeddings
    assert not read(file, tiny_gguf(LLAMA)).makes_embeddings


def test_a_vocabulary_of_hundreds_of_thousands_is_passed_over_quickly(file: Path) -> None:
    merges = [f"tok{number} en{number}" for number in range(450_000)]
    file.write_bytes(tiny_gguf({"tokenizer.ggml.merges": merges, **LLAMA}))

    start = time.process_time()
    assert read_header(file).context == 2048
    assert time.process_time() - start < 0.5


def test_a_file_of_twenty_gigabytes_is_read_at_once(file: Path) -> None:
    content = tiny_gguf(LLAMA, {"a": ("F16", (32,))})
    elements = 10 << 30
    file.write_bytes(
        content.replace(struct.pack("<IQI", 1, 32, 1), struct.pack("<IQI", 1, elements, 1))[:-64]
    )
    os.truncate(file, file.stat().st_size + 2 * elements)

    start = time.process_time()
    assert read_header(file).parameters == (("F16", elements),)
    assert time.process_time() - start < 0.1


def with_values(*values: bytes, count: int | None = None) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(values) if count is None else count) + b"".join(values)


def value(key: bytes, kind: int, content: bytes) -> bytes:
    return struct.pack("<Q", len(key)) + key + struct.pack("<I", kind) + content


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "does not begin with a GGUF header"),
        (b"GGML" + bytes(20), "does not begin with a GGUF header"),
        (b"GGUF", "version 0"),
        (b"GGUF\x01\0\0\0" + bytes(20), "version 1,"),
        (b"GGUF\x03\0\0\0", "ends within its header"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "announces 1,152,921,504,606,846,976 tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 60), "announces 1,152,921,504,606,846,976 values"),
        (with_values(count=1), "ends within its header"),
        (with_values(struct.pack("<Q", 1 << 63)), "bytes of a key"),
        (with_values(value(b"k", 13, b"")), "unknown type 13"),
        (with_values(value(b"k", 8, struct.pack("<Q", 1 << 62))), "ends within its header"),
        (with_values(value(b"k", 9, struct.pack("<IQ", 8, 1 << 62))), "ends within its header"),
        (with_values(value(b"k", 9, struct.pack("<IQ", 5, 1 << 62))), "ends within its header"),
        (with_values(value(b"k", 9, struct.pack("<IQ", 9, 1))), "array of the unknown type 9"),
        (with_values(value(b"k", 0, b"1"), value(b"k", 0, b"2")), "“k” twice"),
        (tiny_gguf({"general.alignment": 0}), "alignment"),
        (tiny_gguf(tensors={"a": ("F32", (1, 1, 1, 1, 1))}), "announces 5 axes of the tensor “a”"),
        (tiny_gguf(tensors={"a": ("F32", (16,))})[:-1], "1 bytes of its tensors are missing"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
    ],
)
def test_a_broken_header_is_refused_with_its_reason(file: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        read(file, content)


def test_a_sparse_file_of_empty_strings_does_not_hang(file: Path) -> None:
    file.write_bytes(with_values(value(b"k", 9, struct.pack("<IQ", 8, 1 << 31))))
    os.truncate(file, 20 << 30)

    start = time.process_time()
    with pytest.raises(Unreadable, match="longer than any real one"):
        read_header(file)
    assert time.process_time() - start < 0.1


VALID = tiny_gguf(LLAMA | {"tokens": ["a", "b"] * 200, "general.tags": ["x"], "numbers": [1, 2, 3], "f": 1.5})


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=500, deadline=None)
def test_changed_bytes_are_refused_or_read_and_never_more(file: Path, data: st.DataObject) -> None:
    content = bytearray(VALID)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))

    assert_harmless(file, bytes(content[:cut]))


@given(st.binary(max_size=400).map(lambda tail: b"GGUF\x03\0\0\0" + tail))
@example(b"GGUF\x03\0\0\0" + b"\xff" * 100)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_random_bytes_are_refused_or_read_and_never_more(file: Path, content: bytes) -> None:
    assert_harmless(file, content)


def assert_harmless(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    tracemalloc.start()
    try:
        header = read_header(file)
    except Unreadable:
        pass
    else:
        assert sum(count for _, count in header.parameters) <= 64 * len(content)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 << 20
