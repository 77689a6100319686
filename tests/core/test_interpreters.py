"""Which Pythons can run models: what is found out about them, and that a worker runs in one that has no Modelkeep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from modelkeep.errors import RuntimeMissing
from modelkeep.inference import child
from modelkeep.inference.interpreters import inspect_interpreter, lacks
from modelkeep.inference.outcome import Interpreter
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import Backend, Task, TryInputs
from support.scripted_models import ENVIRONMENT, scripted

POSIX = pytest.mark.skipif(os.name != "posix", reason="The programs here are scripts of POSIX.")
SITE_PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def environment_in(folder: Path) -> Path:
    """The Python of a new environment that has nothing but the standard library."""
    venv.create(folder, with_pip=False, symlinks=os.name == "posix")
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def installed(python: Path, name: str, version: str, code: str = "") -> None:
    """Pretend that a package is installed there."""
    place = python.parent.parent / SITE_PACKAGES
    (place / f"{name}-{version}.dist-info").mkdir()
    (place / f"{name}-{version}.dist-info" / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    (place / f"{name}.py").write_text(code)


def test_our_own_python_is_told_with_its_devices() -> None:
    pytest.importorskip("torch")
    found = inspect_interpreter()
    assert (found.path, found.problem, found.hint) == ("", "", "")
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.packages["torch"]
    assert found.devices[-1].name == "cpu"
    assert found.devices[-1].memory >= found.devices[-1].free > 0
    assert lacks(found, Backend.TRANSFORMERS) == ("", "")


def test_one_without_torch_says_what_to_install_and_where(tmp_path: Path) -> None:
    python = environment_in(tmp_path / "bare")
    found = inspect_interpreter(python)
    assert found.path == str(python)
    assert found.version
    assert found.problem == f"{python} cannot run this: torch and transformers not installed."
    assert found.hint == f"Install it there: {python} -m pip install 'torch>=2.6' 'transformers>=5,<6'"
    assert "llama-cpp-python" in lacks(found, Backend.GGUF)[0]
    assert "onnxruntime" in lacks(found, Backend.ONNX)[0]


@POSIX
def test_what_is_installed_later_is_found(tmp_path: Path) -> None:
    python = environment_in(tmp_path / "bare")
    assert "torch and transformers not installed" in inspect_interpreter(python).problem
    installed(python, "transformers", "4.57.1")
    installed(python, "torch", "2.13.0+cu130", "raise OSError('libcudart.so.13 is not there')")
    found = inspect_interpreter(python)
    assert found.packages["torch"] == "2.13.0+cu130"
    assert found.problem == f"{python} cannot run this: transformers 4.57.1 too old."
    assert found.hint.endswith("'transformers>=5,<6'")


@POSIX
def test_a_torch_that_cannot_be_imported_is_told(tmp_path: Path) -> None:
    python = environment_in(tmp_path / "broken")
    installed(python, "transformers", "5.1.0")
    installed(python, "torch", "2.13.0", "print('a library speaks'); raise OSError('libcudart is not there')")
    assert (
        inspect_interpreter(python).problem
        == "Its torch cannot be imported (OSError: libcudart is not there)."
    )
    (python.parent.parent / SITE_PACKAGES / "torch.py").write_text("import os; os.abort()")
    assert "it crashed" in inspect_interpreter(python, again=True).problem


@POSIX
def test_what_is_no_python_is_told(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("text")
    cases = {
        tmp_path / "nothing": "There is no file",
        tmp_path: "is a folder",
        text: "is not a program that may be run",
        program(tmp_path / "echo", "#!/bin/sh\necho hello\n"): "is not a Python",
        program(tmp_path / "json", "#!/bin/sh\necho '{\"version\": 3}'\n"): "is not a Python",
        program(tmp_path / "silent", "#!/bin/sh\nexit 3\n"): "is not a Python",
        program(tmp_path / "nonsense", "\0"): "is not a Python",
    }
    for path, sentence in cases.items():
        found = inspect_interpreter(path)
        assert sentence in found.problem
        assert found.hint


@POSIX
def test_an_old_one_is_told(tmp_path: Path) -> None:
    said = '{"version": "3.10.4", "packages": {"torch": "2.13", "transformers": "5.0"}}'
    old = program(tmp_path / "python3.10", f"#!/bin/sh\necho '{said}'\n")
    found = inspect_interpreter(old)
    assert found.problem == f"{old} is Python 3.10.4, and running models takes 3.11 or newer."
    assert lacks(found, Backend.GGUF)[0] == found.problem


@POSIX
def test_an_error_of_the_worker_says_what_is_wrong_with_its_python(tmp_path: Path) -> None:
    cases = {
        tmp_path / "nothing": "There is no file",
        program(tmp_path / "silent", "#!/bin/sh\nexit 3\n"): "is not a Python",
    }
    for path, sentence in cases.items():
        with pytest.raises(RuntimeMissing, match=sentence):
            WorkerProcess(str(tmp_path), interpreter=str(path)).load(scripted(tmp_path / "model"))


@POSIX
def test_a_worker_runs_in_a_python_that_has_no_modelkeep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = environment_in(tmp_path / "other")
    (python.parent.parent / SITE_PACKAGES / "numbers_of_others.pth").write_text(str(tmp_path / "theirs"))
    monkeypatch.setenv("VIRTUAL_ENV", "ours")
    request = scripted(tmp_path / "model")
    worker = WorkerProcess(request.root, interpreter=str(python), environment=ENVIRONMENT)
    try:
        worker.load(request)
        texts = ("environment VIRTUAL_ENV", "hello")
        said = [worker.run(Task.TEXT_GENERATION, TryInputs(texts=(text,))).outputs[0] for text in texts]
    finally:
        worker.kill()
    assert [getattr(one, "text", None) for one in said] == ["", "hello"]


@POSIX
def test_all_that_a_worker_may_import_of_modelkeep_takes_the_standard_library_alone(tmp_path: Path) -> None:
    python = environment_in(tmp_path / "bare")
    folder = Path(child.__file__).parent
    names = sorted(f"{child.__name__}.{path.stem}" for path in folder.glob("*.py"))
    program = (
        f"import modelkeep.inference.worker\nfrom importlib import import_module as i\nfor n in {names}: i(n)"
    )
    done = subprocess.run(
        [python, "-c", program],
        env={"PYTHONPATH": str(folder.parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(names) > 5


@POSIX
def test_a_worker_loads_with_the_packages_of_another_python(tmp_path: Path) -> None:
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        pytest.skip("torch is not installed.")
    python = environment_in(tmp_path / "other")
    ours = Path(spec.origin).parent.parent
    # As Modelkeep is not installed there, the file that leads to it is not taken over: a folder is, without files.
    (python.parent.parent / SITE_PACKAGES / "ours.pth").write_text(str(ours))
    found = inspect_interpreter(python)
    assert found.problem == ""
    assert found.devices
    done = subprocess.run([python, "-c", "import modelkeep"], check=False, capture_output=True, text=True)
    assert "No module named 'modelkeep'" in done.stderr
    worker = WorkerProcess(str(tmp_path), interpreter=str(python))
    try:
        assert [device.name for device in worker.warm()] == [device.name for device in found.devices]
        assert worker.hello is not None
        assert worker.hello.packages["torch"] == found.packages["torch"]
    finally:
        worker.kill()


_FROZEN = """
import json, sys
sys.frozen = True
sys.executable = "/no/such/program"
from pathlib import Path
from modelkeep.errors import RuntimeMissing
from modelkeep.confined import run_confined
from modelkeep.inference.interpreters import inspect_interpreter
from modelkeep.inference.process import WorkerProcess
from modelkeep.inference.values import Task, TryInputs
from support.scripted_models import ENVIRONMENT, scripted

folder, python = sys.argv[1:]
request = scripted(Path(folder))
try:
    WorkerProcess(request.root)
except RuntimeMissing as error:
    none = [str(error), error.hint]
worker = WorkerProcess(request.root, interpreter=python, environment=ENVIRONMENT)
try:
    worker.load(request)
    texts = [f"environment {name}" for name in ("LD_LIBRARY_PATH", "PYTHONHOME")]
    said = [worker.run(Task.TEXT_GENERATION, TryInputs(texts=(text,))).outputs[0].text for text in texts]
finally:
    worker.kill()
one_shot = run_confined("support.confined_children", {"do": "answer"}).error
print(json.dumps([none, inspect_interpreter().problem, one_shot, said]))
"""


@POSIX
def test_a_frozen_build_uses_the_chosen_python_and_says_so_without_one(tmp_path: Path) -> None:
    python = environment_in(tmp_path / "other")
    # What a frozen build sets for its own libraries, and what was there before.
    libraries = {"LD_LIBRARY_PATH": "/of/the/build", "LD_LIBRARY_PATH_ORIG": "/of/the/user"}
    done = subprocess.run(
        [sys.executable, "-c", _FROZEN, str(tmp_path / "model"), str(python)],
        env=os.environ | ENVIRONMENT | libraries,
        check=True,
        capture_output=True,
        text=True,
    )
    (sentence, hint), problem, one_shot, said = json.loads(done.stdout)
    assert sentence == problem == one_shot
    assert sentence == "This build of Modelkeep has no Python of its own that can load models."
    assert "Choose one in the settings" in hint
    assert said == ["/of/the/user", ""]


def test_nothing_is_known_of_no_python() -> None:
    assert lacks(Interpreter("", problem="There is none.", hint="Choose one."), Backend.ONNX) == (
        "There is none.",
        "Choose one.",
    )
