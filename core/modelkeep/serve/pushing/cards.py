"""Whether the front matter of a card is what the Hub takes: `errors` refuse a push, `warnings` are shown.

Source: https://huggingface.co/docs/hub/model-cards#model-card-metadata, and the wording of the Hub's answers.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Verdict", "check_card"]

_LONGEST = 256 << 10  # characters
_DEEPEST = 32
_MATTER = re.compile(
    r"\A\ufeff?\s*---[ \t]*\r?\n(?P<matter>.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_TEXTS = ("license", "license_name", "pipeline_tag", "library_name")
_TEXT_LISTS = ("tags", "language", "datasets", "metrics", "base_model")


class Verdict(NamedTuple):
    """Sentences, each about one thing."""

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_card(content: str) -> Verdict:
    """Read the front matter of a card as YAML, and say what is wrong with it."""
    found = _MATTER.match(content)
    if found is None:
        if re.match(r"\ufeff?\s*---[ \t]*\r?\n", content):
            return Verdict(("The metadata at the start of README.md has no end: a line “---” is missing.",))
        return Verdict(warnings=("empty or missing yaml metadata in repo card",))
    matter = found["matter"]
    if len(matter) > _LONGEST:
        return Verdict((f"The metadata of README.md is longer than {_LONGEST:,} characters.",))
    return _checked(matter)


def _checked(matter: str) -> Verdict:
    import yaml

    loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    try:
        # The composer recurses in C, so that what is nested too deeply must not come to it.
        for event in yaml.parse(matter, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                return Verdict(("The metadata of README.md is nested too deeply.",))
        fields = yaml.load(matter, Loader=loader)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" ({mark.line + 2}:{mark.column + 1})" if mark else ""
        return Verdict((f"YAML Metadata Error: {getattr(error, 'problem', None) or error}{where}",))
    if fields is None:
        return Verdict(warnings=("empty or missing yaml metadata in repo card",))
    if not isinstance(fields, dict):
        return Verdict(("YAML Metadata Error: the metadata is not a list of fields",))
    return Verdict(tuple(_faults(fields)))


def _faults(fields: dict[object, object]) -> list[str]:
    faults = []
    for name in _TEXTS:
        value = fields.get(name)
        texts = value if isinstance(value, list) and name == "license" else [value]
        if value is not None and not all(isinstance(text, str) for text in texts):
            faults.append(f'"{name}" must be a string')
    for name in _TEXT_LISTS:
        value = fields.get(name)
        if value is None or (isinstance(value, str) and name != "tags"):
            continue
        if not isinstance(value, list):
            faults.append(f'"{name}" must be an array')
        elif wrong := [at for at, text in enumerate(value) if not isinstance(text, str)]:
            faults.append(f'"{name}[{wrong[0]}]" must be a string')
    if "model-index" in fields and not isinstance(fields["model-index"], list):
        faults.append('"model-index" must be an array')
    return faults
