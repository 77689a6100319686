"""What another machine sets to use a server, in the language of its shell."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote
from typing import Literal

from modelkeep.serve.options import ServeOptions

__all__ = ["TOKEN_PLACE", "Shell", "environment", "environment_block"]

Shell = Literal["sh", "powershell", "cmd"]

TOKEN_PLACE = "<a token of this server>"


def environment(url: str, options: ServeOptions) -> dict[str, str]:
    """The variables. A token is only named, where one is needed: the server does not know any."""
    variables = {
        "HF_ENDPOINT": url,
        # Without it the Hub's client sends large files to Xet only, and fails.
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    if options.token_required or options.allow_push:
        variables["HF_TOKEN"] = TOKEN_PLACE
    return variables


def environment_block(variables: Mapping[str, str], shell: Shell = "sh") -> str:
    """Lines to paste into a shell."""
    return "\n".join(_line(name, value, shell) for name, value in variables.items())


def _line(name: str, value: str, shell: Shell) -> str:
    match shell:
        case "powershell":
            quoted = value.replace("'", "''")
            return f"$env:{name} = '{quoted}'"
        case "cmd":
            return f'set "{name}={value}"'
        case _:
            return f"export {name}={quote(value)}"
