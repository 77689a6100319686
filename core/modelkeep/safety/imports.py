"""What an import of a pickle may do: judged by its name, by lists of our own and those of picklescan.

A name counts under all the names that the interpreter takes it for: those of Python 2, and the way through a module
to another one, as in `torch.serialization` with `os.system`.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable
from functools import cache

from modelkeep.safety.limits import CouldNotScan
from modelkeep.safety.verdict import Verdict

__all__ = ["judge_import"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TYPES = _words("bool bytearray bytes complex dict float frozenset int list object range set slice str tuple")

# What picklescan does not know and checkpoints have: plain data of PyTorch and NumPy that calls nothing but what the
# pickle imports itself, which is judged by its own name.
_HARMLESS = {
    "__builtin__": _TYPES | {"long", "unicode", "xrange"},
    "builtins": _TYPES,
    "_codecs": {"encode"},
    "argparse": {"Namespace"},
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "copy_reg": {"_reconstructor"},
    "copyreg": {"_reconstructor"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "joblib.numpy_pickle": {"NumpyArrayWrapper"},
    "numpy": {
        *("bool_", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint8"),
        *("uint16", "uint32", "uint64", "complex64", "complex128", "str_", "bytes_"),
    },
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "numpy.core.numeric": {"_frombuffer"},
    "pathlib": {"Path", "PosixPath", "PurePosixPath", "WindowsPath"},
    "torch": {
        *("Size", "Tensor", "device", "dtype", "layout"),
        *("bfloat16", "bool", "float16", "float32", "float64", "int16", "int32", "int64", "int8", "uint8"),
        *("float8_e4m3fn", "float8_e5m2", "complex64", "complex128", "qint8", "quint8", "qint32"),
        *("per_channel_affine", "per_tensor_affine", "sparse_coo", "strided"),
    },
    "torch._tensor": {"_rebuild_from_type_v2"},
    "torch._utils": {
        *("_rebuild_device_tensor_from_numpy", "_rebuild_parameter", "_rebuild_parameter_with_state"),
        *("_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_tensor", "_rebuild_tensor_v2"),
    },
    "torch.jit._pickle": {"build_boollist", "build_doublelist", "build_intlist", "build_tensorlist"},
    "torch.nn.parameter": {"Buffer", "Parameter"},
    "torch.serialization": {"_get_layout"},
    "torch.storage": {"TypedStorage", "UntypedStorage", "_load_from_bytes"},
}

# What picklescan does not know to be dangerous; with all that lies below a module.
_DANGEROUS_MODULES = _words("""
    _ctypes _frozen_importlib _frozen_importlib_external _imp _posixsubprocess _pydevd_bundle _thread _winapi
    _xxsubinterpreters antigravity atexit bz2 cffi cloudpickle code codeop concurrent ctypes dbm dill distutils
    ensurepip fabric fileinput ftplib gzip http httpx idlelib imaplib imp importlib invoke ipykernel IPython jinja2
    lib2to3 linecache lzma marshal mmap msvcrt multiprocess multiprocessing nntplib numpy.ctypeslib numpy.distutils
    numpy.testing paramiko pexpect pickle5 poplib pydoc requests rlcompleter sched setuptools shelve signal site
    smtplib socketserver sqlite3 subprocess32 tarfile telnetlib tempfile tkinter torch.classes torch.distributed.rpc
    torch.hub torch.multiprocessing torch.ops torch.package torch.utils.bottleneck torch.utils.cpp_extension
    unittest urllib urllib3 winreg wsgiref xmlrpc zipfile zipimport
""")
_DANGEROUS_NAMES = {
    "builtins": "__import__ __build_class__ delattr globals input locals setattr vars help",
    "codecs": "open",
    "functools": "partial partialmethod reduce",
    "io": "FileIO open open_code",
    "_io": "FileIO open open_code",
    "joblib": "load",
    "joblib.numpy_pickle": "load load_temporary_memmap",
    "joblib.numpy_pickle_compat": "load_compatibility",
    "keras.models": "load_model",
    "logging.config": "dictConfig fileConfig listen",
    "numpy": "load fromfile memmap save savez savetxt loadtxt genfromtxt",
    "numpy.lib.npyio": "load save loadtxt genfromtxt savetxt",
    "numpy.lib._npyio_impl": "load save loadtxt genfromtxt savetxt",
    "operator": "attrgetter call itemgetter methodcaller",
    "_operator": "attrgetter call itemgetter methodcaller",
    "pandas": "read_pickle eval",
    "pandas.io.pickle": "read_pickle to_pickle",
    "pandas.core.computation.eval": "eval",
    "torch": "load save",
    "torch.jit": "load save script",
    "torch.jit._serialization": "load",
    "torch.serialization": "load save _load _legacy_load",
    "torch._utils_internal": "get_file_path",
    "types": "CodeType FunctionType LambdaType MethodType ModuleType",
    "yaml": "load load_all unsafe_load full_load",
}
# Names that are dangerous wherever they are: modules that others have as attributes, and what opens, loads and runs.
_ANYWHERE = re.compile(
    r"__\w+__|_?os|nt|posix|sys|_?sysconfig|subprocess|builtins|importlib|shutil|socket|ctypes|pickle|marshal|runpy|pty"
    r"|_?io|eval|exec|execfile|system|popen|spawn\w*|exec[lv]p?e?|fork_exec|open|loads?|load_(?:model|library|module)"
    r"|_load_for_\w+|read_pickle|reload|write_(?:text|bytes|string_to_file)|unlink|rmdir|rmtree|rename|touch|symlink_to"
    r"|hardlink_to|start_new_thread|reduce_(?:graph|package_graph)_module|run(?:code|command|ctx|string|source)?"
)
_PLAIN = re.compile(r"[\w.]+", re.ASCII)


def judge_import(module: str, name: str) -> Verdict:
    """CLEAN for what is known to be harmless, DANGEROUS for what can run commands or reach files, else SUSPICIOUS."""
    if not (_PLAIN.fullmatch(module) and _PLAIN.fullmatch(name)):
        return Verdict.SUSPICIOUS  # nothing has such a name, so it fails
    ways = {(module, name), _of_python_3(module, name)}
    if any(_is_dangerous(*way) for way in ways):
        return Verdict.DANGEROUS
    if all(called in _HARMLESS.get(place, ()) for place, called in ways):
        return Verdict.CLEAN
    return Verdict.SUSPICIOUS if any(_flagged(*way, strict=True) for way in ways) else Verdict.CLEAN


def _of_python_3(module: str, name: str) -> tuple[str, str]:
    """What the interpreter makes of a name of Python 2."""
    import _compat_pickle as known

    if (module, name) in known.NAME_MAPPING:
        return known.NAME_MAPPING[module, name]
    return known.IMPORT_MAPPING.get(module, module), name


def _is_dangerous(module: str, name: str) -> bool:
    steps = name.split(".")
    if any(_ANYWHERE.fullmatch(step) for step in steps):
        return True
    for count in range(len(steps)):
        place = ".".join([module, *steps[:count]])
        if any(above in _DANGEROUS_MODULES for above in _above(place)):
            return True
        if steps[count] in _DANGEROUS_NAMES.get(place, "").split() or _flagged(
            place, steps[count], strict=False
        ):
            return True
    return _flagged(module, name, strict=False)


def _above(module: str) -> Iterable[str]:
    """A module and all that it lies in."""
    parts = module.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))


@cache
def _flagged(module: str, name: str, *, strict: bool) -> bool:
    """Whether picklescan finds it dangerous; when `strict`, whether it does not know it to be harmless."""
    from picklescan.scanner import SafetyLevel, scan_pickle_bytes  # type: ignore[import-untyped]

    logger = logging.getLogger("picklescan")  # it tells on standard error what we say ourselves
    logger.disabled = True
    pickled = io.BytesIO(f"c{module}\n{name}\n.".encode())
    try:
        result = scan_pickle_bytes(pickled, "", multiple_pickles=False, strict=strict)
    except Exception as error:  # whatever it stumbles over
        raise CouldNotScan(f"picklescan cannot read it ({type(error).__name__}).") from error
    return not result.globals or any(one.safety is SafetyLevel.Dangerous for one in result.globals)
