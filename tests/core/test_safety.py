"""The safety scan: what is found in files that somebody made to be dangerous, and what is left alone."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import os
import pickle
import struct
import subprocess
import sys
import warnings
import zlib
from collections import OrderedDict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.archive.stored_zip import directory, lay_out, local_header
from modelkeep.errors import Cancelled
from modelkeep.progress import Progress
from modelkeep.safety import FileVerdict, Verdict, scan_file, scan_folder
from support.models import tiny_gguf, tiny_safetensors
from support.pickles import (
    EVIL_JOBLIB,
    JOBLIB,
    calling,
    encrypted,
    legacy_torch,
    npy_of,
    npy_with,
    short_text,
    tar_of,
    torch_zip,
    zip_of,
)

EVIL = calling("os", "system", "id")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))


def scanned(folder: Path, content: bytes, name: str = "model.bin") -> FileVerdict:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return scan_file(path, name)


# ---- pickles, in whatever they come


@pytest.mark.parametrize("protocol", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("name", ["model.pkl", "pytorch_model.bin", "weights", "readme.txt", "x.gif"])
def test_a_pickle_that_runs_a_command_is_dangerous(tmp_path: Path, protocol: int, name: str) -> None:
    verdict = scanned(tmp_path, calling("os", "system", "id", protocol=protocol), name)
    assert verdict.verdict is Verdict.DANGEROUS
    assert "os.system" in verdict.findings[0].sentence


DANGEROUS = {
    "builtins": calling("builtins", "eval", "1"),
    "old builtins": calling("__builtin__", "exec", "1", protocol=0),
    "no end": EVIL[:-1],
    "broken after the call": EVIL[:-1] + b"\xff\xff",
    "the second": pickle.dumps([1]) + EVIL,
    "instance": b"(Vid\nios\nsystem\n.",
    "torch zip": torch_zip(EVIL),
    "torch zip with other names": zip_of({"x/0": EVIL, "x/y.txt": b"text"}),
    "legacy torch": legacy_torch(EVIL),
    "tar": tar_of({"pickle": EVIL}),
    "tar.gz": tar_of({"pickle": EVIL}, "w:gz"),
    "nested zips": zip_of({"a.zip": zip_of({"b.zip": zip_of({"c": EVIL})})}),
    "deflated": zip_of({"a.pkl": EVIL}, deflated=True),
    "behind an image": PNG + zip_of({"a.pkl": EVIL}),
    "gzip": gzip.compress(EVIL),
    "bzip2": bz2.compress(EVIL),
    "xz": lzma.compress(EVIL),
    "npy": npy_of(EVIL),
    "only an import": b"cos\nsystem\n\xff",
    "odd escapes": b"\x80\x02c\\u\nx\n0" + EVIL[2:],
    "begins as GGUF": b"GGUF\3\0\0\0\0" + calling("os", "system", protocol=0),
    "names from the memo": b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940h\x00h\x01\x93\x8c\x02id\x85R.",
    "a doubled name": b"\x80\x04\x8c\x02os2\x8c\x06system\x93\x8c\x02id\x85R.",
    "npz": zip_of({"arr_0.npy": npy_of(EVIL)}),
}


def changed(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def nested(inner: bytes, times: int) -> bytes:
    """What PyTorch loads from bytes in a pickle, again and again."""
    for _ in range(times):
        inner = (
            b"\x80\x03ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(inner)) + inner + b"\x85R."
        )
    return inner


EVIL_ZIP = torch_zip(EVIL)
LIST = EVIL_ZIP.index(b"PK\1\2")  # of the members of the zip
IN_STEPS = EVIL[2:]
NAMED = short_text("system") + b"\x93" + short_text("id") + b"\x85R."
DANGEROUS |= {
    # What `pickletools` refuses, and the interpreter takes.
    "a number in another base": b"I0x10\n0" + calling("os", "system", protocol=0),
    "an old octal number": b"L017L\n0" + calling("os", "system", protocol=0),
    "no number": b"Fnan\n0" + calling("os", "system", protocol=0),
    "a place in the memo with more behind it": b"Np1\x00\xb0\n0" + calling("os", "system", protocol=0),
    # Names that are no plain text before the step that imports.
    "through a module": b"\x80\x04" + short_text("torch.serialization") + short_text("os.system") + b"\x93.",
    "through inner parts": b"\x80\x04"
    + short_text("collections")
    + short_text("OrderedDict.__init__")
    + b"\x93.",
    "a name that is worked out": b"\x80\x04c_codecs\nencode\n"
    + short_text("bf")
    + short_text("rot13")
    + b"\x86R"
    + NAMED,
    "a memo that is overwritten": b"\x80\x04"
    + short_text("torch")
    + b"q\x000"
    + short_text("os")
    + b"q\x000h\x00"
    + NAMED,
    "a text that is taken away": b"\x80\x04" + short_text("os") + b"(" + short_text("torch") + b"1" + NAMED,
    # Names of Python 2, and what picklescan does not know.
    "Python 2": calling("commands", "getoutput"),
    "cPickle": calling("cPickle", "loads"),
    "importlib": calling("importlib", "import_module"),
    "torch.load": calling("torch", "load"),
    "numpy.load": calling("numpy", "load"),
    "code as text": calling("torch.fx.graph_module", "reduce_graph_module"),
    "what opens": calling("tarfile", "open"),
    # Pickles within pickles.
    "joblib": EVIL_JOBLIB,
    "joblib in zlib": zlib.compress(EVIL_JOBLIB),
    "from bytes": nested(EVIL, 1),
    "from bytes in a zip": nested(EVIL_ZIP, 1),
    "from bytes, deeper than is looked": nested(EVIL, 9),
    "from bytes that are worked out": b"\x80\x02ctorch.storage\n_load_from_bytes\nNR.",
    # Too much to be walked through.
    "behind too many pickles": pickle.dumps(1) * 1500 + EVIL,
    # Zips that PyTorch reads, though they are wrong.
    "wrong check sum in the list": changed(EVIL_ZIP, LIST + 16, b"1234"),
    "another name before the content": changed(EVIL_ZIP, 30, b"another"),
    "a later version of zip": changed(EVIL_ZIP, LIST + 6, b"\xff"),
    "no list of members": EVIL_ZIP[:-30],
    "after an encrypted member": encrypted(zip_of({"a": b"x", "b.pkl": EVIL})),
    "a folder with content": zip_of({"archive/data.pkl/": EVIL}),
    "a large text pickle": zip_of(
        {"x": b"V" + b"a" * 2_000_000 + b"\n0" + calling("os", "system", protocol=0)}
    ),
    # NumPy.
    **{
        f"npy of {descr}": npy_with(descr, EVIL)
        for descr in ("'object'", "'O8'", "'f4,O'", "[('a', '<f4'), ('b', [('c', 'O')])]", "('O', (2,))")
    },
}


@pytest.mark.parametrize("content", DANGEROUS.values(), ids=DANGEROUS)
def test_it_is_found_wherever_it_hides(tmp_path: Path, content: bytes) -> None:
    assert scanned(tmp_path, content).verdict is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["model.joblib", "model.bin", "notes.txt", "weights"])
def test_another_name_changes_nothing(tmp_path: Path, name: str) -> None:
    for content in (zlib.compress(EVIL), gzip.compress(EVIL), EVIL_ZIP, EVIL, EVIL_JOBLIB):
        assert scanned(tmp_path, content, name).verdict is Verdict.DANGEROUS


def test_members_of_the_same_name_are_all_looked_into(tmp_path: Path) -> None:
    twice = zip_of({"archive/data.pkl": EVIL, "archive/data.pk2": pickle.dumps(1)}).replace(
        b"data.pk2", b"data.pkl"
    )
    assert scanned(tmp_path, twice).verdict is Verdict.DANGEROUS


def test_a_pickle_that_changes_what_it_imports_is_suspicious(tmp_path: Path) -> None:
    content = b"\x80\x02ccollections\nOrderedDict\nN}U\x04nameK\x01s\x86b."
    assert scanned(tmp_path, content, "model.pkl").verdict is Verdict.SUSPICIOUS


def test_what_is_not_known_to_be_harmless_is_suspicious(tmp_path: Path) -> None:
    verdict = scanned(tmp_path, calling("somewhere.models", "Thing"), "model.pkl")
    assert verdict.verdict is Verdict.SUSPICIOUS


def test_what_is_called_by_a_number_is_suspicious(tmp_path: Path) -> None:
    assert scanned(tmp_path, b"\x80\x02\x82\x05)R.", "model.pkl").verdict is Verdict.SUSPICIOUS


def test_where_it_is_found_is_said(tmp_path: Path) -> None:
    verdict = scanned(tmp_path, zip_of({"a.zip": zip_of({"b.pkl": EVIL})}))
    assert verdict.findings[0].where == "a.zip › b.pkl"


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    scanned(tmp_path, calling("os", "system", f"touch {trace}"))
    assert not trace.exists()


# ---- what is left alone

CLEAN = {
    "empty": ("model.bin", b""),
    "state dict": ("model.bin", torch_zip(pickle.dumps(OrderedDict(a=1), 2))),
    "legacy": ("model.bin", legacy_torch(pickle.dumps(OrderedDict(a=1), 2))),
    "numbers": ("ggml.bin", bytes(range(256)) * 64),
    "numbers that begin like a call": ("ggml.bin", b"\x82\x05)R." + bytes(99)),
    "numbers that begin like an import": ("ggml.bin", b"c\x01\xf3\n\x02\n)R." + bytes(99)),
    "numbers that begin like a hidden import": ("ggml.bin", b"NN\x93)R." + bytes(99)),
    "npy": ("a.npy", npy_of(None)),
    "npz": ("a.npz", zip_of({"a.npy": npy_of(None)})),
    "safetensors": ("model.safetensors", tiny_safetensors()),
    "gguf": ("model.gguf", tiny_gguf()),
    "json": ("config.json", b'{"model_type": "bert"}'),
    "text": ("vocab.txt", b"cat\ndog\nRun\nimport os\nNo.\n"),
    "words": ("merges.txt", b"import os\nimport sys\n(a\nb\nc."),
    "image": ("a.png", PNG),
    "long": ("a.pkl", pickle.dumps({"a": b"x" * 3_000_000, "b": "y" * 3_000_000}, 5)),
    "joblib": ("a.joblib", JOBLIB),
    "joblib in xz": ("a.bin", lzma.compress(JOBLIB)),
    "joblib in the oldest LZMA": ("a.joblib", lzma.compress(JOBLIB, lzma.FORMAT_ALONE)),
    "npy with fields": ("a.npy", npy_with("[('Object', '<f4', (2,)), ('b', '|S3')]", bytes(11))),
    "a text like zlib": ("readme.txt", b"x^2 + y^2 = 1\n"),
    "from bytes": ("a.pkl", nested(legacy_torch(pickle.dumps(OrderedDict(a=1), 2)), 1)),
    "large in a text pickle": ("a.pkl", pickle.dumps(["y" * 3_000_000], 0)),
}


@pytest.mark.parametrize(("name", "content"), CLEAN.values(), ids=CLEAN)
def test_what_is_harmless_is_clean(tmp_path: Path, name: str, content: bytes) -> None:
    verdict = scanned(tmp_path, content, name)
    assert (verdict.verdict, verdict.findings) == (Verdict.CLEAN, ())


def test_a_checkpoint_of_gigabytes_costs_little(tmp_path: Path) -> None:
    """Only its pickle is read: were its numbers, which are a hole in the file, this would go past the budget."""
    state = pickle.dumps(OrderedDict(a=1), 2)
    layout = lay_out([("archive/data.pkl", len(state)), ("archive/data/0", 2 << 30)])
    path = tmp_path / "pytorch_model.bin"
    with path.open("wb") as file:
        for entry in layout.entries:
            file.seek(entry.header_at)
            file.write(local_header(entry, 0))
        file.seek(layout.entries[0].content_at)
        file.write(state)
        file.seek(layout.directory_at)
        file.write(directory(layout, [zlib.crc32(state), 0]))
    assert scan_file(path, path.name).findings == ()


def test_what_torch_itself_saves_is_clean(tmp_path: Path) -> None:
    pytest.importorskip("numpy")
    script = """if True:
        import sys, torch
        from collections import OrderedDict
        weight = torch.nn.Parameter(torch.ones(3, 4))
        state = OrderedDict(w=weight, h=torch.ones(2, dtype=torch.bfloat16), n=torch.arange(4), size=weight.shape,
                            dtype=torch.float16, step=3, s={1, 2})
        torch.save(state, sys.argv[1] + "/new.pt")
        torch.save(state, sys.argv[1] + "/old.bin", _use_new_zipfile_serialization=False)
        optimizer = torch.optim.Adam([weight]); weight.sum().backward(); optimizer.step()
        torch.save(optimizer.state_dict(), sys.argv[1] + "/optimizer.pt")
    """
    saved = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, check=False)
    if saved.returncode:
        pytest.skip("There is no PyTorch here.")
    verdict = scan_folder(tmp_path)
    assert [(file.path, file.findings) for file in verdict.files] == [
        ("new.pt", ()),
        ("old.bin", ()),
        ("optimizer.pt", ()),
    ]


# ---- what cannot be scanned

UNREADABLE = {
    "7z": ("model.bin", b"7z\xbc\xaf\x27\x1c" + bytes(100)),
    "rar": ("a.pt", b"Rar!\x1a\x07\x01" + bytes(100)),
    "cut off zip": ("model.bin", torch_zip(pickle.dumps(1))[:-30]),
    "encrypted zip": ("model.bin", encrypted(torch_zip(pickle.dumps(1)))),
    "wrong check sum": (
        "a.zip",
        zip_of({"a.pkl": pickle.dumps("aaaaaaaa")}).replace(b"aaaaaaaa", b"aabaaaaa", 1),
    ),
    "cut off gzip": ("a.bin", gzip.compress(os.urandom(1000))[:-20]),
    "cut off pickle": ("a.pkl", pickle.dumps([1, 2, 3])[:-2]),
    "no pickle": ("a.pkl", b"\0\1\2\3" * 10),
    "cut off tensors": ("model.safetensors", tiny_safetensors()[:-4]),
    "cut off gguf": ("model.gguf", tiny_gguf()[:40]),
    "npy of an unknown kind": ("a.npy", b"\x93NUMPY\x09\0" + bytes(50)),
    "hdf5 without its layers": ("a.h5", b"\x89HDF\r\n\x1a\n" + bytes(50) + b"model_config" + bytes(50)),
    "broken config": ("config.json", b'{"a": '),
}


@pytest.mark.parametrize(("name", "content"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_scanned_is_not_clean(tmp_path: Path, name: str, content: bytes) -> None:
    assert scanned(tmp_path, content, name).verdict is Verdict.COULD_NOT_SCAN


def test_a_bomb_costs_little(tmp_path: Path) -> None:
    bomb = gzip.compress(gzip.compress(bytes(400 << 20), 1), 1)
    verdict = scanned(tmp_path, bomb)
    assert verdict.verdict is Verdict.COULD_NOT_SCAN
    assert "256 MiB" in verdict.findings[0].sentence


def test_what_was_found_before_the_budget_ends_is_kept(tmp_path: Path) -> None:
    inner = zip_of({"a.pkl": EVIL, "b.pkl": b"\x80\x02" + bytes(300 << 20)}, deflated=True)
    verdict = scanned(tmp_path, zip_of({"inner.zip": inner}))
    assert {one.verdict for one in verdict.findings} == {Verdict.DANGEROUS, Verdict.COULD_NOT_SCAN}


def test_containers_in_containers_come_to_an_end(tmp_path: Path) -> None:
    content = EVIL
    for _ in range(8):
        content = zip_of({"a.zip": content})
    assert scanned(tmp_path, content).verdict is Verdict.COULD_NOT_SCAN


def test_a_pickle_of_too_many_steps_is_not_clean(tmp_path: Path) -> None:
    verdict = scanned(tmp_path, b"\x80\x02" + b"N0" * 510_000 + EVIL[2:], "a.pkl")
    # Nor does what runs hide behind them.
    assert [one.verdict for one in verdict.findings] == [Verdict.DANGEROUS, Verdict.COULD_NOT_SCAN]


# ---- other formats


def test_a_template_made_to_be_slow_is_not(tmp_path: Path) -> None:
    template = "{{ " + "\\'" * 500_000
    assert scanned(tmp_path, template.encode(), "chat_template.jinja").verdict is Verdict.CLEAN


def test_layers_that_are_none_come_to_an_end(tmp_path: Path) -> None:
    content = HDF5 + b'{"config' * 100_000
    assert scanned(tmp_path, content, "model.h5").verdict is Verdict.COULD_NOT_SCAN


@pytest.mark.parametrize(
    ("template", "verdict"),
    [
        ("{% for m in messages %}{{ m['content'] }}{% endfor %} Use import os.", Verdict.CLEAN),
        ("{{ 'call `os.system` or import x' }}{% set ns = namespace(a=1) %}", Verdict.CLEAN),
        ("{{ cycler.__init__.__globals__.os.popen('id') }}", Verdict.DANGEROUS),
        ("{{ ''|attr('__class__') }}", Verdict.DANGEROUS),
        ("{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}", Verdict.DANGEROUS),
        ("{{ x.os.listdir() }}", Verdict.SUSPICIOUS),
        ("{{ x['__cl' + 'ass__'] }}", Verdict.SUSPICIOUS),
        ("{{ x | replace('_', ' ') ~ '\\n' }}", Verdict.CLEAN),
        ("{% import 'a' as b %}", Verdict.SUSPICIOUS),
    ],
)
def test_a_template_is_looked_into(tmp_path: Path, template: str, verdict: Verdict) -> None:
    gguf = tiny_gguf(values={"general.architecture": "llama", "tokenizer.chat_template": template})
    assert scanned(tmp_path, gguf, "model.gguf").verdict is verdict
    config = json.dumps({"chat_template": [{"name": "default", "template": template}]}).encode()
    assert scanned(tmp_path, config, "tokenizer_config.json").verdict is verdict
    assert scanned(tmp_path, template.encode(), "chat_template.jinja").verdict is verdict


LAMBDA = b'{"class_name": "Sequential", "config": {"layers": [{"class_name": "\\u004cambda", "config": {}}]}}'
PLAIN = b'{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {}}]}}'
IMPORTING = b'{"class_name": "S", "config": [{"class_name": "function", "module": "os", "config": "system"}]}'
HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(50) + b"model_config\0"
NODE = b"\x0a\x01x\x12"
LOCATION = b"\x08\x07\x12\x04test\x0a\x08location\x12"
OTHERS = {
    "lambda in h5": ("model.h5", HDF5 + LAMBDA + bytes(9), Verdict.SUSPICIOUS),
    "plain h5": ("model.h5", HDF5 + PLAIN + bytes(9), Verdict.CLEAN),
    "lambda in keras": ("model.keras", zip_of({"config.json": LAMBDA}), Verdict.SUSPICIOUS),
    "keras importing": ("model.keras", zip_of({"config.json": IMPORTING}), Verdict.DANGEROUS),
    "plain keras": ("model.keras", zip_of({"config.json": PLAIN}), Verdict.CLEAN),
    "writing graph": ("saved_model.pb", NODE + b"\x09WriteFile\x1a", Verdict.DANGEROUS),
    "reading graph": ("saved_model.pb", NODE + b"\x08ReadFile\x1a", Verdict.SUSPICIOUS),
    "plain graph": ("saved_model.pb", NODE + b"\x06MatMul\x1a", Verdict.CLEAN),
    "onnx above": ("model.onnx", LOCATION + b"\x09../secret", Verdict.DANGEROUS),
    "onnx absolute": ("model.onnx", LOCATION + b"\x0b/etc/passwd", Verdict.DANGEROUS),
    "onnx on Windows": ("model.onnx", LOCATION + b"\x06C:\\a.b", Verdict.DANGEROUS),
    "onnx beside": ("model.onnx", LOCATION + b"\x09model.bin", Verdict.CLEAN),
    "auto_map": ("config.json", b'{"auto_map": {"AutoModel": "modeling.M"}}', Verdict.NOTICE),
    "auto_map away": ("config.json", b'{"auto_map": {"AutoModel": "o/r--modeling.M"}}', Verdict.SUSPICIOUS),
    "python": ("modeling.py", b"import torch\n", Verdict.NOTICE),
    "elf": ("tool", b"\x7fELF\2\1\1" + bytes(60), Verdict.SUSPICIOUS),
    "windows": ("a.bin", b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0", Verdict.SUSPICIOUS),
    "macos": ("a.dylib", b"\xcf\xfa\xed\xfe" + bytes(60), Verdict.SUSPICIOUS),
    "script": ("run.sh", b"#!/bin/sh\necho\n", Verdict.NOTICE),
    "environment": (".env", b"A=b\n", Verdict.NOTICE),
    "key": ("notes.txt", b"-----BEGIN RSA PRIVATE " + b"KEY-----\n", Verdict.NOTICE),
}


@pytest.mark.parametrize(("name", "content", "verdict"), OTHERS.values(), ids=OTHERS)
def test_other_formats(tmp_path: Path, name: str, content: bytes, verdict: Verdict) -> None:
    assert scanned(tmp_path, content, name).verdict is verdict


# ---- files and folders


def test_a_folder_is_as_bad_as_its_worst_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.pkl").write_bytes(EVIL)
    (tmp_path / "config.json").write_bytes(b"{}")
    (tmp_path / "gone").symlink_to("nowhere")
    verdict = scan_folder(tmp_path)
    assert verdict.verdict is Verdict.DANGEROUS
    assert {file.path: file.verdict for file in verdict.files} == {
        "config.json": Verdict.CLEAN,
        "gone": Verdict.COULD_NOT_SCAN,
        "sub/a.pkl": Verdict.DANGEROUS,
    }
    assert dict(verdict.scanners)["picklescan"]


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert scan_file(tmp_path / "pipe", "pipe").verdict is Verdict.COULD_NOT_SCAN


def test_the_access_time_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(torch_zip(EVIL))
    os.utime(path, (1, 1))
    scan_file(path, "a.bin")
    assert path.stat().st_atime == 1


def test_a_scan_can_be_cancelled(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled

    path = tmp_path / "a.bin"
    path.write_bytes(torch_zip(EVIL))
    with pytest.raises(Cancelled):
        scan_file(path, "a.bin", stop)


_SEEDS = [
    *DANGEROUS.values(),
    *(content for _, content in UNREADABLE.values()),
    tiny_gguf(),
    tiny_safetensors(),
]
_NAMES = [
    "a.bin",
    "a.pkl",
    "a.npy",
    "a.h5",
    "a.pb",
    "a.onnx",
    "config.json",
    "a.gguf",
    "a.safetensors",
    "a.jinja",
    "a",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from([b"", *_SEEDS]),
    changes=st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=6)), max_size=6),
    tail=st.binary(max_size=40),
    name=st.sampled_from(_NAMES),
)
def test_no_content_brings_a_scan_down(
    tmp_path: Path, seed: bytes, changes: list[tuple[int, bytes]], tail: bytes, name: str
) -> None:
    content = bytearray(seed)
    for at, change in changes:
        at = at % (len(content) + 1)
        content[at : at + len(change)] = change
    verdict = scanned(tmp_path, bytes(content) + tail, name)
    assert verdict.path == name


class _Reached(Exception):
    """Raised in place of the first import of a pickle, so that it is not made."""


class _Interpreter(pickle._Unpickler):
    """Runs a pickle as far as its first import that is not known to be harmless.

    The one in Python: the one in C takes gigabytes for a memo that a broken pickle asks for.
    """

    def find_class(self, module: str, name: str, /) -> object:
        if (module, name) == ("_codecs", "encode"):
            return codecs.encode
        if not all(part.isidentifier() for part in f"{module}.{name}".split(".")):
            raise ImportError(module)  # as the interpreter does: nothing has such a name
        raise _Reached

    def persistent_load(self, number: object, /) -> object:
        return number


def _imports(content: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _Interpreter(io.BytesIO(content)).load()
    except _Reached:
        return True
    except Exception:  # noqa: BLE001 - whatever the interpreter says of it, it imports nothing
        return False
    return False


_PICKLED = [calling("os", "system", "id", protocol=number) for number in (0, 2, 4)] + [
    pickle.dumps({"a": [1, "b", b"c", 2.5, 1 << 90], "d": (None, True)}, number)[:-1] + EVIL[2:]
    for number in range(6)
]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(_PICKLED),
    inserted=st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=4), st.booleans()), max_size=3),
)
def test_what_the_interpreter_would_import_is_never_clean(
    tmp_path: Path, seed: bytes, inserted: list[tuple[int, bytes, bool]]
) -> None:
    content = bytearray(seed)
    for at, change, replaces in inserted:
        at = at % (len(content) + 1)
        content[at : at + len(change) * replaces] = change
    if _imports(bytes(content)):
        assert scanned(tmp_path, bytes(content), "a.pkl").verdict > Verdict.CLEAN
