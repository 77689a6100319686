"""Set Modelkeep up in this checkout, then run it. Needs nothing but Python: no make, no shell, no other package.

    python packaging/bootstrap.py run [ARGUMENT...]     open the window; without a display, a demonstration
    python packaging/bootstrap.py test [ARGUMENT...]    run all tests; with arguments, what pytest makes of them
    python packaging/bootstrap.py check                 format, lint, types, imports and tests
    python packaging/bootstrap.py shots [ARGUMENT...]   make the pictures of the documentation
    python packaging/bootstrap.py bench [--quick] [NAME...]   print the figures, ours against the field's
    python packaging/bootstrap.py torture [--minutes N] kill every operation at random, and look for what is lost
    python packaging/bootstrap.py fuzz [--minutes N] [NAME...]   feed what reads other people's files with garbage
    python packaging/bootstrap.py translations          bring the translations of the window up to its sources
    python packaging/bootstrap.py setup                 only set up, for all of these

Everything is installed into .venv, at the versions that packaging/constraints.txt pins. The variable EXTRAS says
which optional parts come along: "all", which it is when not set, or some of "gui inference s3 serve".
"""

# The oldest Python that can read this file is 3.7, so that an old one says what is wrong instead of failing.
from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from needs import SetupError, Stamp, advice, chosen_parts, fingerprint, install_steps, missing_packages

OLDEST_PYTHON = (3, 11)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.json"
LOG = VENV / "setup.log"
LOCK = ROOT / "build" / "setup.lock"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
INPUTS = (CONSTRAINTS, ROOT / "packaging" / "bootstrap.py", ROOT / "packaging" / "needs.py")

# What newer releases call it: Debian 13 and Ubuntu 24.04 brought the 64-bit time_t, and a new 7-Zip.
RENAMED = {"libglib2.0-0": "libglib2.0-0t64", "p7zip-full": "7zip"}
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}

# All tests, by as many processes as there are cores; more than four wait for the disk.
ALL_TESTS = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "worksteal"]

CHECKS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
    "tests": ["pytest", *ALL_TESTS],
}


def prepare(command: str) -> None:
    """Bring `.venv` and the system to what `command` needs; returns at once when they are there."""
    import tomllib  # not at the top: an older Python must come far enough to say that it is too old

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = chosen_parts(command, os.environ.get("EXTRAS", ""), project["project"]["optional-dependencies"])
    inputs = fingerprint(project, *(path.read_bytes() for path in INPUTS))
    missing = lacking(parts)
    stamp = read_stamp() or Stamp()
    if not stamp.has(Stamp(inputs, place(), parts)) or not stamp.unavailable >= set(missing.values()):
        with one_at_a_time():
            missing = set_up(inputs, parts)
    if missing:
        say(advice(missing, apt=shutil.which("apt-get") is not None))


def set_up(inputs: str, parts: frozenset[str]) -> dict[str, str]:
    """Do what is left to do, and return what the system still lacks. Only one process at a time may be here."""
    started = time.monotonic()
    stamp = read_stamp()  # again: another set-up may have finished while this one waited
    whole = venv_python().exists() and (stamp is None or (stamp.inputs != "" and stamp.place == place()))
    if VENV.exists() and not whole:
        say("The .venv is unfinished, or was made elsewhere or for another Python: making it anew.")
        empty(VENV)
        stamp = None
    VENV.mkdir(exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        missing = complete_the_system(parts, log)
        if not (stamp and stamp.has(Stamp(inputs, place(), parts))):
            install(parts, log)
            say(f"Modelkeep is set up, in {time.monotonic() - started:.0f} s.")
    if stamp and stamp.inputs == inputs:
        parts |= stamp.parts
    write_stamp(Stamp(inputs, place(), parts, frozenset(missing.values())))
    return missing


def install(parts: Collection[str], log: IO[str]) -> None:
    """Install the parts into `.venv`, which is made where there is none."""
    stamp, is_new = read_stamp(), not venv_python().exists()
    write_stamp(Stamp())
    try:
        if is_new:
            version = ".".join(map(str, sys.version_info[:3]))
            do(f"Making .venv with Python {version}", [sys.executable, "-m", "venv", str(VENV)], log)
        pip = [str(venv_python()), "-m", "pip", "install", "--progress-bar=off", "-c", str(CONSTRAINTS)]
        for step in install_steps(parts):
            do(step.label, [*pip, *step.arguments], log)
    except SetupError:
        # pip puts back what it was replacing, so that an environment that worked still does. A new one stays
        # unfinished, for a full disk can leave half a package in it.
        if stamp:
            write_stamp(stamp)
        elif not is_new:
            STAMP.unlink()
        raise


def lacking(parts: Collection[str]) -> dict[str, str]:
    """What this system lacks for the parts, and for making `.venv`, with the packages that have it."""
    if not sys.platform.startswith("linux"):
        return {}
    missing = missing_packages(
        parts, loads=loads, runs=lambda program: shutil.which(program) is not None, has_font=has_font
    )
    # Debian keeps what a virtual environment starts with in a package of its own.
    if not venv_python().exists() and importlib.util.find_spec("ensurepip") is None:
        missing["Python's ensurepip"] = f"python3.{sys.version_info[1]}-venv"
    return {thing: current_name(package) for thing, package in missing.items()}


def complete_the_system(parts: Collection[str], log: IO[str]) -> dict[str, str]:
    """Install what the system lacks where this user may; return what it lacks after that."""
    missing = lacking(parts)
    apt = shutil.which("apt-get")
    if missing and apt and sys.platform != "win32" and os.geteuid() == 0:
        # Another apt, such as the nightly upgrade of a fresh machine, is waited for.
        command = [apt, "-o", "DPkg::Lock::Timeout=300", "-y", "-q"]
        with suppress(SetupError):  # it may still work: what is missing is named at the end
            do("Asking apt for its list of packages", [*command, "update"], log)
            packages = sorted(set(lacking(parts).values()))
            label = f"Installing {len(packages)} system packages"
            do(label, [*command, "install", "--no-install-recommends", *packages], log)
        importlib.invalidate_caches()
        missing = lacking(parts)
    if "Python's ensurepip" in missing:
        raise SetupError(
            "This Python cannot make a virtual environment, because its ensurepip module is not installed.",
            hint=f"{advice(missing, apt=apt is not None)}\nThen do this again.",
        )
    return missing


def do(label: str, command: Sequence[str], log: IO[str]) -> None:
    """Run a command with its output in the log; on the terminal stand what it does and how long it took."""
    print(f"{label} ...", end="", flush=True)
    started = time.monotonic()
    log.write(f"\n$ {' '.join(command)}\n")
    log.flush()
    start = log.tell()
    environment = {
        **os.environ,
        "DEBIAN_FRONTEND": "noninteractive",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_USER": "0",
    }
    # The lock goes along: should this process be killed, the next set-up waits for the command it left behind.
    status = subprocess.call(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, close_fds=False
    )
    print(f" {time.monotonic() - started:.0f} s" if status == 0 else " failed:", flush=True)
    if status:
        with LOG.open(encoding="utf-8", errors="replace") as output:
            output.seek(start)
            print("".join(f"    {line}" for line in output.readlines()[-30:]), file=sys.stderr)
        raise SetupError(
            f"{label} did not work (exit status {status}).",
            hint="Is the network there, and room on the disk? EXTRAS=gui leaves the large parts out. "
            f"All of the output is in {LOG}.",
        )


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the lock on `.venv`. The system itself frees it when the process ends, however it ends."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("ab") as file:
        if not try_lock(file):
            say("Another set-up is at work here: waiting for it.")
            while not try_lock(file):
                time.sleep(0.2)
        os.set_inheritable(file.fileno(), True)
        yield


def try_lock(file: IO[bytes]) -> bool:
    """Take the lock on an open file, unless another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def read_stamp() -> Stamp | None:
    """The stamp of `.venv`, or None where there is none: no `.venv`, or one that was made by hand."""
    try:
        return Stamp.from_json(STAMP.read_text(encoding="utf-8"))
    except OSError:
        return None


def write_stamp(stamp: Stamp) -> None:
    STAMP.write_text(stamp.to_json(), encoding="utf-8")


def place() -> str:
    """Where `.venv` is and which Python it leads to: a moved checkout and an upgraded Python need a new one."""
    return f"{VENV} on {venv_python().resolve()}"


def venv_python() -> Path:
    return venv_script("python")


def venv_script(name: str) -> Path:
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def empty(folder: Path) -> None:
    """Remove what is in a folder, and not the folder, which may be a link to a larger disk."""
    for entry in folder.iterdir() if folder.exists() else ():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def loads(library: str) -> bool:
    """Whether the dynamic loader finds a shared object: quicker than asking dpkg, and true on every distribution."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font() -> bool:
    # Not Path.home(), which raises where a user has none.
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", os.path.expanduser("~/.local/share/fonts"))
    return any(font for folder in folders for font in Path(folder).rglob("*.[ot]t[cf]"))


def current_name(package: str) -> str:
    """What this release calls a package, as far as apt's lists say: they show nothing of a name that has gone."""
    cache = shutil.which("apt-cache")
    if (
        package in RENAMED
        and cache
        and not subprocess.run([cache, "show", package], capture_output=True).stdout
    ):
        return RENAMED[package]
    return package


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be shown: always on Windows and macOS, else when a display is named."""
    return platform in ("win32", "darwin") or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def run(arguments: Sequence[str]) -> int:
    if has_display(os.environ, sys.platform):
        return become([venv_script("modelkeep-gui"), *arguments])
    say("There is no display here, so this is a demonstration without one: modelkeep demo --to build/demo")
    if arguments:
        say(f"Left out, because it is for the window: {' '.join(arguments)}")
    return become([venv_script("modelkeep"), "demo", "--to", ROOT / "build" / "demo"], **OFFSCREEN)


def test(arguments: Sequence[str]) -> int:
    os.chdir(ROOT)
    return become([venv_script("pytest"), *(arguments or ALL_TESTS)], **OFFSCREEN)


def check(arguments: Sequence[str]) -> int:
    """All of the checks, even after one that fails; the status is that of the first that did."""
    os.chdir(ROOT)
    results = {}
    for name, (program, *options) in CHECKS.items():
        say(f"\n== {name}: {' '.join([program, *options])}")
        results[name] = subprocess.call(
            [str(venv_script(program)), *options], env={**os.environ, **OFFSCREEN}
        )
    failed = [name for name, status in results.items() if status]
    say(f"\nFailed: {', '.join(failed)}." if failed else "\nAll checks passed.")
    return results[failed[0]] if failed else 0


def shots(arguments: Sequence[str]) -> int:
    os.chdir(ROOT)
    return become([venv_python(), "-m", "modelkeep_gui.pictures", *arguments], **OFFSCREEN)


def bench(arguments: Sequence[str]) -> int:
    return become([venv_python(), ROOT / "benchmarks" / "run.py", *arguments])


def torture(arguments: Sequence[str]) -> int:
    os.chdir(ROOT / "tests")
    return become([venv_python(), "-m", "support.torture", *arguments])


def fuzz(arguments: Sequence[str]) -> int:
    os.chdir(ROOT / "tests")
    if subprocess.call([str(venv_python()), "-c", "import atheris"], stderr=subprocess.DEVNULL):
        pip = [str(venv_python()), "-m", "pip", "install", "--progress-bar=off", "-c", str(CONSTRAINTS)]
        # It has no build for every system; without it the same garbage is made, but nothing leads it.
        with suppress(SetupError), LOG.open("a", encoding="utf-8") as log:
            do(
                "Installing atheris, which leads the garbage to code that was not reached yet",
                [*pip, "atheris"],
                log,
            )
    return become([venv_python(), "-m", "support.fuzz", *arguments])


def translations(arguments: Sequence[str]) -> int:
    return become([venv_python(), ROOT / "packaging" / "translations.py"])


def setup(arguments: Sequence[str]) -> int:
    say(f"All that Modelkeep needs is in {VENV}.")
    return 0


COMMANDS = {
    "run": run,
    "test": test,
    "check": check,
    "shots": shots,
    "bench": bench,
    "torture": torture,
    "fuzz": fuzz,
    "translations": translations,
    "setup": setup,
}


def become(command: Sequence[str | Path], **environment: str) -> int:
    """Go on as another program, so that its exit status and the signals for it are its own."""
    words = [str(word) for word in command]
    everything = {**os.environ, **environment}
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(words[0], words, everything)
    # There exec would return to the terminal before the program has ended.
    return subprocess.call(words, env=everything)


def newer_python() -> str | None:
    """A Python on the PATH that is new enough; the oldest such, for which every package has a build."""
    question = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    for minor in range(OLDEST_PYTHON[1], OLDEST_PYTHON[1] + 10):
        path = shutil.which(f"python3.{minor}")
        # Asked, because a version manager puts a name on the PATH for what it then refuses to start.
        if path and subprocess.call([path, "-c", question], stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def main(arguments: Sequence[str]) -> int:
    command, *rest = arguments or ["--help"]
    if command in ("-h", "--help"):
        say((__doc__ or "").strip())
        return 0
    if command not in COMMANDS:
        print(f"There is no command {command}. There is: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    if rest[:1] == ["--"]:
        del rest[0]
    try:
        if sys.version_info[:2] < OLDEST_PYTHON:
            path = newer_python()
            if path:
                return become([path, __file__, command, *rest])
            wanted, found = (".".join(map(str, version)) for version in (OLDEST_PYTHON, sys.version_info[:2]))
            raise SetupError(
                f"Modelkeep needs Python {wanted} or newer, and this is Python {found}.",
                hint="Install one beside it, from python.org or the system's packages, and do this again.",
            )
        prepare(command)
        return COMMANDS[command](rest)
    except SetupError as error:
        print(f"{error}\n{error.hint}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
