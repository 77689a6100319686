"""What the files of a tokenizer say before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelkeep.cache.inventory import CachedRevision
from modelkeep.cache.scan import scan
from modelkeep.inference.tokenizer_files import has_chat_template, mask_of
from support.caches import CacheMaker


def revision(folder: Path, files: dict[str, bytes]) -> CachedRevision:
    CacheMaker(folder).add("org/model", {"config.json": b"{}", **files})
    [model] = scan(folder).models
    return model.revisions[0]


@pytest.mark.parametrize(
    ("files", "has"),
    [
        ({}, False),
        ({"chat_template.jinja": b"{{ messages }}"}, True),
        ({"chat_template.jinja": b""}, False),
        ({"tokenizer_config.json": b'{"chat_template": "{{ messages }}"}'}, True),
        ({"tokenizer_config.json": b'{"chat_template": null}'}, False),
        ({"tokenizer_config.json": b"["}, False),
    ],
)
def test_a_chat_template_is_found_where_it_is(tmp_path: Path, files: dict[str, bytes], has: bool) -> None:
    assert has_chat_template(revision(tmp_path, files)) is has


@pytest.mark.parametrize(
    ("name", "said", "mask"),
    [
        ("tokenizer_config.json", {"mask_token": "[MASK]"}, "[MASK]"),
        ("tokenizer_config.json", {"mask_token": {"content": "<mask>", "lstrip": True}}, "<mask>"),
        ("special_tokens_map.json", {"mask_token": "<mask>"}, "<mask>"),
        ("tokenizer_config.json", {"mask_token": 7}, ""),
        ("tokenizer_config.json", ["mask_token"], ""),
    ],
)
def test_a_mask_is_read_as_it_is_written(tmp_path: Path, name: str, said: object, mask: str) -> None:
    assert mask_of(revision(tmp_path, {name: json.dumps(said).encode()})) == mask
