"""The page at `/` for a person with a browser: what is served, and how to use it.

Nothing on it comes from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from modelkeep.serve.environment import environment_block
from modelkeep.serve.shelf import ServedRepo
from modelkeep.text import size_text

__all__ = ["index_page"]

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Modelkeep</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem }}
pre {{ padding: 1rem; border: 1px solid; border-radius: 6px; overflow-x: auto }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884 }}
.size {{ text-align: right; white-space: nowrap }}
</style>
<h1>Modelkeep</h1>
<p>This server is a hub for the tools of Hugging Face, {push}. Set this before Python starts:</p>
<pre>{block}</pre>
<p>{count}</p>
<table>
<tr><th>Name<th>Revision<th class="size">Size</tr>
{rows}
</table>
</html>
"""


def index_page(repos: Sequence[ServedRepo], variables: Mapping[str, str], *, push: bool) -> str:
    """The page as HTML."""
    rows = [
        f"<tr><td>{escape(_name(repo))}<td><code>{escape((repo.main or '')[:8])}</code>"
        f'<td class="size">{escape(size_text(repo.model.size))}</tr>'
        for repo in repos
    ]
    return _PAGE.format(
        push="for reading and pushing" if push else "for reading",
        block=escape(environment_block(variables)),
        count=f"{len(repos):,} {'repository is' if len(repos) == 1 else 'repositories are'} served.",
        rows="\n".join(rows),
    )


def _name(repo: ServedRepo) -> str:
    return repo.repo_id if repo.repo_type == "model" else f"{repo.repo_type}s/{repo.repo_id}"
