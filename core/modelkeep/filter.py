"""The language of the search field: `bert -tiny size>1GB task:ner unused>90d is:damaged`.

All terms must hold. A plain word is looked for, in any case, in the name, tags, languages, library, task and note.
A field narrows: `:` is "contains", `=` is "exactly" (`none` for nothing), `<` and `>` compare. Quotes hold spaces
together and make a field a plain word; `-` before a term turns it round. A term that cannot be understood does not
filter: it is an error with its place in the text and a sentence that explains it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, get_args

from modelkeep.keys import RepoType
from modelkeep.rows import ModelRow
from modelkeep.text import parse_size

__all__ = ["EVERYTHING", "UNUSED_DAYS", "Filter", "FilterError", "RowTest", "parse_filter", "searched_text"]

UNUSED_DAYS = 90
"""After how many days without use `is:unused` holds."""

RowTest = Callable[[ModelRow, str], bool]
"""Whether a row passes, given the row and its `searched_text`."""

_Term = Callable[[ModelRow, str, float], bool]


class FilterError(NamedTuple):
    """A term that cannot be understood: `text[start:end]`, and a sentence that explains."""

    start: int
    end: int
    message: str


@dataclass(frozen=True)
class Filter:
    """What `parse_filter` made of `text`. Two filters of the same text are equal."""

    text: str
    errors: tuple[FilterError, ...] = field(default=(), compare=False)
    words: tuple[str, ...] = field(default=(), compare=False)
    terms: tuple[_Term, ...] = field(default=(), compare=False, repr=False)

    @property
    def passes_all(self) -> bool:
        """Whether it lets every row through."""
        return not self.words and not self.terms

    def at(self, now: float) -> RowTest:
        """One function that tests many rows, for the time `now` (seconds since the epoch)."""
        words, terms = self.words, self.terms
        if len(words) == 1 and not terms:
            word = words[0]
            return lambda row, text: word in text

        def test(row: ModelRow, text: str) -> bool:
            for word in words:
                if word not in text:
                    return False
            for term in terms:  # noqa: SIM110 (this runs for each row at each key stroke; a generator costs double)
                if not term(row, text, now):
                    return False
            return True

        return test

    def matches(self, row: ModelRow, now: float) -> bool:
        """Whether one row passes at the time `now`. For many rows, `at` is quicker."""
        return self.at(now)(row, searched_text(row))


EVERYTHING = Filter("")


def searched_text(row: ModelRow) -> str:
    """Where plain words are looked for. A table keeps it beside the row."""
    return "\n".join((row.repo_id, row.library, row.task, row.note, *row.languages, *row.tags)).casefold()


def parse_filter(text: str) -> Filter:
    """Read what was typed. Never raises: what cannot be understood is in `errors`."""
    errors: list[FilterError] = []
    words: list[str] = []
    terms: list[_Term] = []
    for match in _TERM.finditer(text):
        written = match.group()
        negated = written.startswith("-")
        body = written[1:] if negated else written
        try:
            found = _read_term(body)
        except _Misunderstood as error:
            errors.append(FilterError(*match.span(), str(error)))
            continue
        if isinstance(found, str):
            if found and not negated:
                words.append(found)
            elif found:
                terms.append(_lacks(found))
        else:
            terms.append(_not(found) if negated else found)
    return Filter(text, tuple(errors), tuple(words), tuple(terms))


# A run of quoted parts and characters that are no space; a quote that is not closed ends with the text.
_TERM = re.compile(r'(?:"[^"]*(?:"|\Z)|[^\s"])+')
_FIELD = re.compile(r"([A-Za-z_-]+)(<=|>=|[<>=:])(.*)", re.DOTALL)
_NUMBER = re.compile(r"([0-9]{1,15}(?:[.,][0-9]{1,15})?)([a-z]*)")


class _Misunderstood(Exception):
    """Its text is the sentence for the user."""


def _read_term(body: str) -> str | _Term:
    """A plain word, casefolded, or the term of a field."""
    match = _FIELD.fullmatch(body)
    if match is None:
        return body.replace('"', "").casefold()
    name, sign, value = match.groups()
    maker = _FIELDS.get(name.lower())
    if maker is None:
        raise _Misunderstood(_unknown_field(name, body.replace('"', "")))
    return maker(name.lower(), sign, value.replace('"', "").strip().casefold())


def _unknown_field(name: str, body: str) -> str:
    from difflib import get_close_matches  # here, for it is only needed when something was mistyped

    if close := get_close_matches(name.lower(), _FIELDS, 1):
        return f"There is no “{name}” to filter by. Did you mean {close[0]}?"
    return f'There is no “{name}” to filter by. To look for the text, put it in quotes: "{body}".'


def _not(term: _Term) -> _Term:
    return lambda row, text, now: not term(row, text, now)


def _lacks(word: str) -> _Term:
    return lambda row, text, now: word not in text


# Comparisons: size>1GB, unused>90d, params>=7B ------------------------------------------------------------------

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_SECONDS = {"h": 3600, "d": 86400, "w": 7 * 86400, "m": 30 * 86400, "y": 365 * 86400}
_COUNTS = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "t": 10**12}


def _size(of: Callable[[ModelRow], int]) -> _Maker:
    def make(name: str, sign: str, value: str) -> _Term:
        compare = _COMPARE.get(sign)
        try:
            limit = parse_size(value)
        except ValueError:
            limit = -1
        if compare is None or limit < 0:
            raise _Misunderstood(f"{name} needs a number with a unit, as in {name}>1GB.")
        return lambda row, text, now: compare(of(row), limit)

    return make


def _parameters(name: str, sign: str, value: str) -> _Term:
    compare, limit = _COMPARE.get(sign), _scaled(value, _COUNTS)
    if compare is None or limit is None:
        raise _Misunderstood(f"{name} needs a number, as in {name}>7B or {name}<350M.")
    # 0 is "not known", which is neither more nor less than anything.
    return lambda row, text, now: row.parameters > 0 and compare(row.parameters, limit)


def _age(since: Callable[[ModelRow], float], example: str) -> _Maker:
    def make(name: str, sign: str, value: str) -> _Term:
        compare, limit = _COMPARE.get(sign), _scaled(value, _SECONDS)
        if compare is None or limit is None:
            raise _Misunderstood(f"{name} needs a time with a unit (h, d, w, m, y), as in {name}{example}.")

        def term(row: ModelRow, text: str, now: float) -> bool:
            start = since(row)
            return start > 0 and compare(now - start, limit)

        return term

    return make


def _scaled(value: str, units: dict[str, int]) -> float | None:
    match = _NUMBER.fullmatch(value)
    if match is None or match[2] not in units:
        return None
    return float(match[1].replace(",", ".")) * units[match[2]]


def _last_used(row: ModelRow) -> float:
    return row.last_used


def _untouched_since(row: ModelRow) -> float:
    # A model that came yesterday and was not used yet has been unused for a day.
    return max(row.last_used, row.modified)


# Texts: task:ner, library=transformers, language:zh -------------------------------------------------------------

_NO_ALIASES: Mapping[str, tuple[str, ...]] = {}
_TASK_ALIASES: Mapping[str, tuple[str, ...]] = {
    "asr": ("automatic-speech-recognition",),
    "chat": ("text-generation",),
    "embedding": ("sentence-similarity", "feature-extraction"),
    "embeddings": ("sentence-similarity", "feature-extraction"),
    "llm": ("text-generation",),
    "mlm": ("fill-mask",),
    "ner": ("token-classification",),
    "ocr": ("image-to-text",),
    "qa": ("question-answering",),
    "similarity": ("sentence-similarity",),
    "stt": ("automatic-speech-recognition",),
    "tts": ("text-to-speech",),
    "vqa": ("visual-question-answering",),
}


def _text(
    of: Callable[[ModelRow], str], example: str, aliases: Mapping[str, tuple[str, ...]] = _NO_ALIASES
) -> _Maker:
    def make(name: str, sign: str, value: str) -> _Term:
        if sign not in (":", "=") or not value:
            raise _Misunderstood(f"{name} needs a value, as in {name}:{example}.")
        if value == "none":
            return lambda row, text, now: not of(row)
        wanted = aliases.get(value, (value,))
        if sign == "=":
            return lambda row, text, now: of(row).casefold() in wanted
        if len(wanted) == 1:
            (part,) = wanted
            return lambda row, text, now: part in of(row).casefold()
        return lambda row, text, now: any(part in of(row).casefold() for part in wanted)

    return make


def _owner(row: ModelRow) -> str:
    return row.repo_id.rpartition("/")[0]


def _language(name: str, sign: str, value: str) -> _Term:
    if sign not in (":", "=") or not value:
        raise _Misunderstood(f"{name} needs a language code, as in {name}:en.")
    if value == "none":
        return lambda row, text, now: not row.languages
    # "zh" also means "zh-CN", yet never a longer code that only begins alike.
    regional = f"{value}-"
    return lambda row, text, now: any(
        code == value or code.startswith(regional) for code in map(str.casefold, row.languages)
    )


def _format(name: str, sign: str, value: str) -> _Term:
    if sign not in (":", "=") or not value:
        raise _Misunderstood(f"{name} needs a kind of weight file, as in {name}:pickle.")
    if value == "none":
        return lambda row, text, now: not row.formats
    if sign == "=":
        return lambda row, text, now: value in row.formats
    return lambda row, text, now: any(kind.startswith(value) for kind in row.formats)


# Choices from a closed list: is:damaged, type:dataset -----------------------------------------------------------

_STATES: dict[str, _Term] = {
    "damaged": lambda row, text, now: row.condition == "damaged",
    "incomplete": lambda row, text, now: row.condition == "incomplete" or row.incomplete > 0,
    "whole": lambda row, text, now: row.condition == "whole",
    "unproven": lambda row, text, now: row.condition == "unproven",
    "pinned": lambda row, text, now: row.pinned,
    "unused": lambda row, text, now: 0 < _untouched_since(row) < now - UNUSED_DAYS * 86400,
    "custom-code": lambda row, text, now: row.custom_code,
    "dangerous": lambda row, text, now: row.safety == "dangerous",
}


# As in the list of a remote. What is newer there is to be fetched as well as what is only there.
_PLACES = ("here", "there", "both", "newer")


def _is(name: str, sign: str, value: str) -> _Term:
    return _STATES[_choice(name, sign, value, tuple(_STATES))]


def _type(name: str, sign: str, value: str) -> _Term:
    wanted = _choice(name, sign, value.removesuffix("s"), get_args(RepoType))
    return lambda row, text, now: row.repo_type == wanted


def _where(name: str, sign: str, value: str) -> _Term:
    wanted = _choice(name, sign, value, _PLACES)
    if wanted == "there":
        return lambda row, text, now: row.where in ("there", "newer")
    return lambda row, text, now: row.where == wanted


def _choice(name: str, sign: str, value: str, choices: tuple[str, ...]) -> str:
    """The choice that `value` is, or is the beginning of, so that nothing is wrong while one still types."""
    found = [choice for choice in choices if choice.startswith(value)] if value else []
    if value in choices:
        found = [value]
    if sign not in (":", "=") or len(found) != 1:
        *others, last = choices
        raise _Misunderstood(f"{name} takes {', '.join(others)} or {last}, as in {name}:{choices[0]}.")
    return found[0]


_Maker = Callable[[str, str, str], _Term]

_FIELDS: dict[str, _Maker] = {
    "size": _size(operator.attrgetter("size")),
    "frees": _size(operator.attrgetter("frees")),
    "params": _parameters,
    "used": _age(_last_used, "<7d"),
    "unused": _age(_untouched_since, ">90d"),
    "task": _text(operator.attrgetter("task"), "fill-mask", _TASK_ALIASES),
    "library": _text(operator.attrgetter("library"), "transformers"),
    "licence": _text(operator.attrgetter("licence"), "mit"),
    "license": _text(operator.attrgetter("licence"), "mit"),
    "org": _text(_owner, "google"),
    "language": _language,
    "format": _format,
    "is": _is,
    "type": _type,
    "where": _where,
}
