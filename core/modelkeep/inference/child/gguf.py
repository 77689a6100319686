"""Text generation with llama.cpp, for GGUF files: `Backend.GGUF`.

The context is what the model was made for, but at most `MOST_CONTEXT` tokens, and half of what it tried before where
the memory has no room for it, down to `LEAST_CONTEXT`: what llama.cpp remembers of a text it lays out in advance,
0.1 to 0.5 MB for each token of a model of 7 to 8 billion parameters.
"""

from __future__ import annotations

import codecs
import ctypes
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from modelkeep.checking.plain_words import first_line
from modelkeep.errors import (
    BadInput,
    InferenceError,
    ModelKeepError,
    OutOfMemory,
    RuntimeMissing,
    UnsupportedModel,
)
from modelkeep.inference.child.asking import (
    Conversation,
    does_not_take,
    note_full,
    prompts,
    refuse_endless,
    refuse_impossible,
    room,
)
from modelkeep.inference.child.streaming import Growing
from modelkeep.inference.child.turn import Runnable, Turn
from modelkeep.inference.values import (
    Generated,
    LoadedModel,
    LoadRequest,
    Output,
    Task,
    TryInputs,
    TryOptions,
)
from modelkeep.metadata.gguf import GgufHeader, read_header
from modelkeep.metadata.reading import Unreadable
from modelkeep.progress import Cancelled, Progress, Report

__all__ = ["LEAST_CONTEXT", "MOST_CONTEXT", "load"]

MOST_CONTEXT = 8192
LEAST_CONTEXT = 512

_DAMAGED = "It may be damaged: verify the model, and download it again if it is."
_SHARD = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
_ALL_LAYERS = -1
_OF_A_TOKEN = 256  # characters, more than all tokens of a text have on average
_MOST_SEED = 2**32 - 1
"""As a seed this asks llama.cpp for one of its own."""


def load(request: LoadRequest, report: Report) -> Runnable:
    """Load the file that is asked for, the first of several where it is in shards.

    Raises `RuntimeMissing` without llama-cpp-python, `UnsupportedModel` for another task than generation and for an
    architecture that the installed llama.cpp does not know, `OutOfMemory`, and `InferenceError` for a damaged file.
    """
    if request.task is not Task.TEXT_GENERATION:
        raise _only_generation()
    report(Progress("Loading llama.cpp"))
    library = _library()
    name = _chosen(request)
    path = Path(request.folder, name)
    header = _header(path, name)
    if request.dtype not in ("auto", "", header.quantisation):
        raise UnsupportedModel(
            f"{name} is {header.quantisation} and is run as it is, not as {request.dtype}.",
            hint="Leave the precision to the model, or choose another of its files.",
        )
    gpu = _layers_on_gpu(library, request.device)
    report(Progress("Loading the weights", item=name))
    model = _model(library, path, header, gpu)
    device = "cpu" if not gpu else "gpu" if request.device == "auto" else request.device
    return _Loaded(library, model, _about(model, header, device))


class _Loaded:
    """A GGUF model that is loaded."""

    def __init__(self, library: Any, model: Any, about: LoadedModel) -> None:
        self.about = about
        self._library = library
        self._model = model
        self._buffer = ctypes.create_string_buffer(4096)

    def run(self, task: Task, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
        """Go on from each text, or answer it where the file has a chat template."""
        if task is not Task.TEXT_GENERATION:
            raise _only_generation()
        refuse_impossible(options)
        outputs: list[Output] = []
        for prompt in prompts(inputs, options, self.about.chat):
            tokens = self._tokens(prompt)
            most = room(len(tokens), self.about.context, options.max_new_tokens)
            text = self._made(tokens, most, options, turn)
            note_full(text, options, self.about.context, turn)
            outputs.append(text)
            if turn.is_stopped:
                break
        return outputs

    def _made(self, tokens: list[int], most: int, options: TryOptions, turn: Turn) -> Generated:
        growing = Growing(turn, options.stop, most)
        if turn.is_stopped:
            growing.finish = "stopped"
            return growing.end()
        model = self._model
        # Nothing is kept of what was asked before: the same has to give the same.
        model.reset()
        model.set_seed(_MOST_SEED if options.seed is None else options.seed % _MOST_SEED)
        characters = codecs.getincrementaldecoder("utf-8")("replace")
        with _in_plain_words("Generating"):
            # Its own default for min_p would leave out most of what a temperature is asked for.
            for token in model.generate(tokens, temp=options.temperature, top_p=options.top_p, min_p=0.0):
                is_end = bool(self._library.llama_vocab_is_eog(model._model.vocab, token))
                if growing.add(characters.decode(self._bytes(token)), is_end):
                    break
        return growing.end()

    def _bytes(self, token: int) -> bytes:
        """What a token stands for; nothing for those that only say something about the text."""
        # `Llama.detokenize` has room for 32 bytes, and a run of spaces or a line of marks is longer.
        vocabulary, buffer = self._model._model.vocab, self._buffer
        length = self._library.llama_token_to_piece(vocabulary, token, buffer, len(buffer), 0, False)
        return bytes(buffer.raw[:length]) if length > 0 else b""

    def _tokens(self, prompt: str | Conversation) -> list[int]:
        model, context = self._model, self.about.context
        text = prompt if isinstance(prompt, str) else self._in_template(prompt)
        if context:
            refuse_endless(text, text[: context * _OF_A_TOKEN], context)
        if isinstance(prompt, str):
            tokens = model.tokenize(text.encode(), add_bos=True, special=False)
        else:
            bos = _special(model, model.token_bos())
            begins = bool(bos) and text.startswith(bos)
            tokens = model.tokenize(text.encode(), add_bos=not begins, special=True)
        if not tokens and (begin := model.token_bos() if model.token_bos() >= 0 else model.token_eos()) >= 0:
            tokens = [begin]
        if not tokens:
            raise BadInput(
                "The text is empty, and this model has no token to begin one.", hint="Give it some words."
            )
        return list(tokens)

    def _in_template(self, conversation: Conversation) -> str:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        model = self._model
        try:
            formatter = Jinja2ChatFormatter(
                template=model.metadata["tokenizer.chat_template"],
                eos_token=_special(model, model.token_eos()),
                bos_token=_special(model, model.token_bos()),
            )
            return str(formatter(messages=[message._asdict() for message in conversation]).prompt)
        except MemoryError:
            raise
        except Exception as error:  # of jinja2, or whatever the template did with what it was given
            raise does_not_take(error) from error


def _only_generation() -> UnsupportedModel:
    return UnsupportedModel(
        "GGUF files are tried for text generation alone.",
        hint="For another task take the model's safetensors.",
    )


_SAID: list[str] = []
"""The last lines that llama.cpp logged as errors: why it did not load, which its exception does not say."""


def _library() -> Any:
    try:
        import llama_cpp
    except (ImportError, RuntimeError, OSError) as error:  # of a shared library that does not fit the machine
        raise RuntimeMissing(
            "Running GGUF files takes llama-cpp-python, which is not installed here."
            if isinstance(error, ModuleNotFoundError) and error.name in (None, "llama_cpp")
            else f"llama-cpp-python is installed and does not start ({first_line(str(error))}).",
            hint="Install it: pip install 'modelkeep[gguf]'",
        ) from error
    llama_cpp.llama_log_set(_listener(llama_cpp), ctypes.c_void_p(0))
    return llama_cpp


_LISTENERS: list[Any] = []
"""Kept for as long as the library may call them."""


def _listener(library: Any) -> Any:
    def listen(level: int, text: bytes, _: object) -> None:
        if level == 4 and text.strip():  # GGML_LOG_LEVEL_ERROR
            _SAID.append(text.decode(errors="replace").strip())
            del _SAID[:-8]

    _LISTENERS[:] = [library.llama_log_callback(listen)]
    return _LISTENERS[0]


def _chosen(request: LoadRequest) -> str:
    """The file that is meant, or the first: quantised ones are alike but for their size, so one of them is chosen."""
    files = sorted(name for name in request.files if name.lower().endswith(".gguf"))
    models = [name for name in files if "mmproj" not in name.lower()]
    name = request.file or next(iter(models), "")
    if not name:
        raise UnsupportedModel("There is no GGUF file here.")
    if name not in files:
        raise BadInput(f"{name} is not a GGUF file of this model.", hint=f"It has: {', '.join(files[:8])}")
    if shard := _SHARD.search(name):
        start, count = name[: shard.start()], int(shard[2])
        every = [f"{start}-{number:05d}-of-{count:05d}.gguf" for number in range(1, count + 1)]
        if gone := [one for one in every if one not in files]:
            raise InferenceError(
                f"{gone[0]} is not here{f', nor {len(gone) - 1} more' if len(gone) > 1 else ''}.",
                hint="Download the model again.",
            )
        return every[0]
    return name


def _header(path: Path, name: str) -> GgufHeader:
    try:
        header = read_header(path)
    except FileNotFoundError as error:
        raise InferenceError(f"{name} is not here any more.", hint="Download the model again.") from error
    except (Unreadable, OSError) as error:
        raise InferenceError(f"{name} cannot be read ({first_line(str(error))}).", hint=_DAMAGED) from error
    if header.makes_embeddings:
        raise UnsupportedModel(
            f"{name} turns texts into vectors and makes no text.",
            hint="Take the model's safetensors for that.",
        )
    return header


def _layers_on_gpu(library: Any, device: str) -> int:
    can = bool(library.llama_supports_gpu_offload())
    if device == "cpu":
        return 0
    if device != "auto" and not can:
        raise UnsupportedModel(
            f"The installed llama-cpp-python runs on the processor alone, not on {device}.",
            hint="Choose the processor, or install a build with your graphics card's support.",
        )
    return _ALL_LAYERS if can else 0


def _model(library: Any, path: Path, header: GgufHeader, gpu: int) -> Any:
    context = min(header.context or LEAST_CONTEXT, MOST_CONTEXT)
    while True:
        _SAID.clear()
        try:
            # It is talkative at its start on Python's side; with verbose=False it would turn off this process's
            # file descriptors 1 and 2, and one of them is how the process speaks.
            with _in_plain_words(f"Loading {path.name}"), redirect_stderr(io.StringIO()):
                model = library.Llama(str(path), n_ctx=context, n_gpu_layers=gpu, verbose=True)
            model.verbose = False
            return model
        except OutOfMemory:
            if context // 2 < LEAST_CONTEXT:
                raise
            context //= 2


def _about(model: Any, header: GgufHeader, device: str) -> LoadedModel:
    try:
        package = version("llama-cpp-python")
    except PackageNotFoundError:
        package = ""
    return LoadedModel(
        class_name=f"{header.architecture} (GGUF {header.quantisation})",
        parameters=int(model._model.n_params()),
        dtype=header.quantisation,
        device=device,
        context=min(int(model.n_ctx()), header.context or MOST_CONTEXT),
        chat=bool(model.metadata.get("tokenizer.chat_template")),
        versions={"llama-cpp-python": package} if package else {},
    )


def _special(model: Any, token: int) -> str:
    return str(model._model.token_get_text(token)) if token >= 0 else ""


@contextmanager
def _in_plain_words(what: str) -> Iterator[None]:
    try:
        yield
    except (ModelKeepError, Cancelled):
        raise
    except MemoryError as error:
        raise OutOfMemory(f"{what} takes more memory than there is.", hint=_SMALLER) from error
    except Exception as error:  # of llama.cpp, or of jinja2 which reads the chat template at once
        said = " ".join(_SAID)
        if "unknown model architecture" in said:
            found = re.search(r"unknown model architecture: '([^']*)'", said)
            raise UnsupportedModel(
                f"The installed llama.cpp knows no models of the type “{found[1] if found else '?'}”.",
                hint="A newer llama-cpp-python may: pip install --upgrade 'modelkeep[gguf]'",
            ) from error
        if "alloc" in said or "memory" in said or "create llama_context" in str(error):
            raise OutOfMemory(f"{what} takes more memory than there is.", hint=_SMALLER) from error
        raise InferenceError(
            f"{what} failed ({_SAID[0] if _SAID else first_line(str(error))}).".replace("\n", " "),
            hint=_DAMAGED,
        ) from error


_SMALLER = "Choose a smaller file of the model, or end what else has memory."
