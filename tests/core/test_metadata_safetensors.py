"""A safetensors header is read without its data, and refused where the format is broken, as the reference does."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy
import pytest
import safetensors
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.metadata.reading import Unreadable
from modelkeep.metadata.safetensors import DTYPE_BITS, SafetensorsHeader, read_header
from support.models import TINY_BERT_PARAMETERS, safetensors_file, tiny_bert_files, tiny_safetensors

U8 = {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def read(file: Path, content: bytes) -> SafetensorsHeader:
    file.write_bytes(content)
    return read_header(file)


def reference(content: bytes) -> list[tuple[str, dict[str, Any]]]:
    tensors: list[tuple[str, dict[str, Any]]] = safetensors.deserialize(content)  # type: ignore[no-untyped-call]
    return tensors


def test_what_the_reference_writes_is_counted_by_type(file: Path) -> None:
    tensors: dict[str, numpy.ndarray[Any, Any]] = {
        "big": numpy.zeros((10, 20), numpy.float16),
        "scalar": numpy.array(1, numpy.float32),
        "ids": numpy.arange(5, dtype=numpy.int64),
        "none": numpy.zeros((0, 7), numpy.float64),
        "more": numpy.zeros(3, numpy.float16),
    }
    safetensors.numpy.save_file(tensors, file, metadata={"format": "pt", "note": "“ü”"})

    header = read_header(file)

    assert header.parameters == (("F16", 203), ("I64", 5), ("F32", 1))
    assert header.tensors == 5
    assert header.metadata == {"format": "pt", "note": "“ü”"}


def test_the_tiny_bert_is_what_the_reference_reads(file: Path) -> None:
    content = tiny_bert_files()["model.safetensors"]

    assert read(file, content).parameters == (("F32", TINY_BERT_PARAMETERS),)
    arrays = safetensors.numpy.load(content)
    assert sum(array.size for array in arrays.values()) == TINY_BERT_PARAMETERS
    assert all(numpy.isfinite(array).all() for array in arrays.values())


def test_the_reference_reads_what_our_tests_write() -> None:
    tensors = {dtype: (dtype, (8, 3)) for dtype in DTYPE_BITS}

    read_back = reference(tiny_safetensors(tensors, {"format": "pt"}))

    assert {name: fields["shape"] for name, fields in read_back} == {dtype: [8, 3] for dtype in DTYPE_BITS}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "too short"),
        (b"\x02\0\0\0\0\0\0", "too short"),
        (b"\xff" * 8, "should have 18,446,744,073,709,551,615 bytes"),
        (b"\x03\0\0\0\0\0\0\0{}", "should have 3 bytes, but the file has only 10"),
        (safetensors_file(b" {}"), "does not begin with a header"),
        (safetensors_file(b"[]"), "does not begin with a header"),
        (safetensors_file(b""), "does not begin with a header"),
        (safetensors_file(b"{}\0\0"), "not JSON"),
        (safetensors_file(b'{"__metadata__": {"a": "\xe4"}}'), "not JSON"),
        (safetensors_file(b'{"__metadata__": {"a": "\\ud800"}}'), "not JSON"),
        (safetensors_file(b'{"a":' * 50_000), "not JSON"),
        (safetensors_file(b'{"a": NaN}'), "not JSON"),
        (safetensors_file(b'{"a": ' + b"9" * 5000 + b"}"), "not JSON"),
        (safetensors_file(b'{"a": 1, "a": 2}'), "twice"),
        (safetensors_file({"__metadata__": {"a": 1}}), "metadata is not text"),
        (safetensors_file({"__metadata__": [1]}), "metadata is not text"),
        (safetensors_file({"a": []}), "does not describe the tensor “a”"),
        (safetensors_file({"a": U8 | {"data_offsets": [0, 1, 2]}}, b"x"), "does not describe"),
        (safetensors_file({"a": {"dtype": "U8", "shape": [1]}}, b"x"), "does not describe"),
        (safetensors_file({"a": U8 | {"dtype": "Q4"}}, b"x"), "unknown type “Q4”"),
        (safetensors_file({"a": U8 | {"shape": [1.0]}}, b"x"), "no number"),
        (safetensors_file({"a": U8 | {"shape": [True]}}, b"x"), "no number"),
        (safetensors_file({"a": U8 | {"shape": [-1]}}, b"x"), "no number"),
        (safetensors_file({"a": U8 | {"shape": [1 << 70, 0]}}, b"x"), "no number"),
        (safetensors_file({"a": U8 | {"shape": [1 << 40, 1 << 40]}}, b"x"), "does not fit"),
        (safetensors_file({"a": U8 | {"shape": [2]}}, b"x"), "does not fit"),
        (safetensors_file({"a": U8 | {"dtype": "F4"}}, b"x"), "does not fit"),
        (safetensors_file({"a": U8 | {"data_offsets": [1, 0]}}, b"x"), "ends before it begins"),
        (safetensors_file({"a": U8 | {"data_offsets": [1, 2]}}, b"xx"), "does not begin where"),
        (safetensors_file({"a": U8, "b": U8}, b"x"), "“b” does not begin where"),
        (safetensors_file({"a": U8}, b"xx"), "have 1 bytes, but the file has 2"),
        (safetensors_file({"a": U8}), "cut off"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
    ],
)
def test_a_broken_header_is_refused_with_its_reason(file: Path, content: bytes, complaint: str) -> None:
    with pytest.raises(Unreadable, match=complaint):
        read(file, content)


def test_a_header_longer_than_any_real_one_is_refused(file: Path) -> None:
    file.write_bytes((100_000_000).to_bytes(8, "little") + b"{")
    os.truncate(file, 200_000_000)

    with pytest.raises(Unreadable, match="more than are read"):
        read_header(file)


def test_a_shape_of_a_hundred_thousand_axes_is_refused_at_once(file: Path) -> None:
    start = time.process_time()
    with pytest.raises(Unreadable, match="does not fit"):
        read(file, safetensors_file({"a": U8 | {"shape": [1 << 62] * 100_000}}, b"x"))

    assert time.process_time() - start < 1


def test_a_file_of_twenty_gigabytes_is_read_at_once(file: Path) -> None:
    elements = 10 << 30
    header = {"a": {"dtype": "F16", "shape": [elements], "data_offsets": [0, 2 * elements]}}
    file.write_bytes(safetensors_file(header))
    os.truncate(file, file.stat().st_size + 2 * elements)

    start = time.process_time()
    assert read_header(file).parameters == (("F16", elements),)
    assert time.process_time() - start < 0.1


numbers = st.integers(-1, 40)
headers = st.dictionaries(
    st.sampled_from(["a", "b", "c", "__metadata__"]),
    st.one_of(
        st.fixed_dictionaries(
            {
                "dtype": st.sampled_from(["U8", "F32", "F4", "F6_E2M3", "BOOL", "X"]),
                "shape": st.lists(numbers, max_size=3),
                "data_offsets": st.lists(numbers, min_size=2, max_size=2),
            }
        ),
        st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        st.none(),
        st.lists(numbers, max_size=3),
    ),
    max_size=3,
)


@given(headers, st.integers(0, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_no_header_is_accepted_that_the_reference_refuses(file: Path, header: object, data: int) -> None:
    assert_agrees(file, safetensors_file(header, bytes(data)))


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_a_file_with_changed_bytes_is_refused_or_read_as_the_reference_reads_it(
    file: Path, data: st.DataObject
) -> None:
    content = bytearray(tiny_safetensors(metadata={"format": "pt"}))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=3)):
        content[at] = data.draw(st.one_of(st.integers(0, 255), st.sampled_from(b'0123456789[]{},:"')))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))

    assert_agrees(file, bytes(content[:cut]))


def assert_agrees(file: Path, content: bytes) -> None:
    try:
        header = read(file, content)
    except Unreadable:
        return
    tensors = reference(content)
    assert header.tensors == len(tensors)
    assert dict(header.parameters).keys() == {
        fields["dtype"] for _, fields in tensors if 0 not in fields["shape"]
    }
    json.dumps(header.metadata)
