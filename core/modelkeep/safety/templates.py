"""Jinja templates that would do more than write a chat: who loads them in Python may run what they say.

Only what is between the braces is looked at; what a template writes may say anything.
Sources: the sandbox escapes that are published for Jinja2; llama-cpp-python's CVE-2024-34359, where a GGUF file's
template was run without a sandbox.
"""

from __future__ import annotations

import re

from modelkeep.safety.verdict import Finding, Verdict

__all__ = ["scan_template"]

_BLOCK = re.compile(r"\{[{%](.*?)(?:[}%]\}|\Z)", re.DOTALL)
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*(?:'|\\?\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)", re.DOTALL)
# These are looked for in texts too: `x|attr("__class__")`, also when it is put together from escapes.
_INNER = re.compile(
    r"__(?:base|bases|builtins|call|class|code|dict|func|getattribute|getitem|globals|import|init|loader|mro|reduce|reduce_ex"
    r"|self|spec|subclasses|module)__"
)
_ESCAPED = re.compile(r"\\x5f\\x5f|\\u005f|\\137|['\"]_['\"]\s*[*~+]", re.IGNORECASE)
# Parts of such names, to be put together.
_PIECES = re.compile(r"__[a-z]|['\"]__+['\"]|%c")
_CALLS = re.compile(
    r"\b(?:os|sys|subprocess|importlib|builtins|pty|socket)\s*\.\s*\w|\b(?:popen|eval|exec|getattr|__import__)\s*\("
    r"|\|\s*attr\s*\(|\bsubprocess\b|^[-+\s]*(?:import|from|include|extends)\b"
)


def scan_template(template: str, where: str = "") -> list[Finding]:
    """What is suspicious in a Jinja template."""
    findings = []
    for block in _BLOCK.finditer(template):
        said = block[1]
        code = _TEXT.sub("''", said)
        if match := _INNER.search(said) or _ESCAPED.search(said):
            sentence = f"The template reaches for Python's inner parts (“{match[0][:40]}”), which a chat never needs."
            findings.append(Finding("template", Verdict.DANGEROUS, sentence, where))
        elif match := _CALLS.search(code) or _PIECES.search(said):
            sentence = f"The template calls for more than text (“{match[0].strip()[:40]}”)."
            findings.append(Finding("template", Verdict.SUSPICIOUS, sentence, where))
    return list(dict.fromkeys(findings))
