"""What looks like a secret is found; what only looks odd, as vocabularies and hashes do, is not."""

from __future__ import annotations

import base64
import json
import random
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelkeep.safety.secrets import SCANNED_UP_TO, find_secrets

_RANDOM = random.Random(7)


def _letters(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(_RANDOM.choices(alphabet, k=count))


# Made here, so that no file of ours looks like one.
HF = "hf_" + _letters(34, string.ascii_letters)
TOKENS = {
    "Hugging Face token": [HF, "api_org_" + _letters(34, string.ascii_letters)],
    "Modelkeep token": ["mk_" + _letters(43)],
    "GitHub token": ["ghp_" + _letters(36), "github_pat_" + _letters(22) + "_" + _letters(59)],
    "GitLab token": ["glpat-" + _letters(20)],
    "Slack token": ["xoxb-123456789012-1234567890123-" + _letters(24)],
    "OpenAI key": ["sk-" + _letters(20) + "T3BlbkFJ" + _letters(20), "sk-proj-" + _letters(48)],
    "Google key": ["AIza" + _letters(35)],
    "AWS key": ["AKIA" + _letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")],
    "AWS secret key": ["aws_secret_access_key = " + _letters(40)],
    "private key": ["-----BEGIN OPENSSH " + "PRIVATE KEY-----", "-----BEGIN " + "PRIVATE KEY-----"],
}


def found(tmp_path: Path, content: str | bytes, path: str = "notes.txt") -> list[tuple[str, int]]:
    file = tmp_path / "content"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(secret.kind, secret.line) for secret in find_secrets(path, file)]


@pytest.mark.parametrize(("kind", "token"), [(kind, token) for kind, all in TOKENS.items() for token in all])
def test_a_token_is_found_wherever_it_stands(tmp_path: Path, kind: str, token: str) -> None:
    for text in (token, f'x = 1\ntoken = "{token}"\n', f"TOKEN={token}\n", f"a:\n  key: {token} # mine\n"):
        assert (kind, 1 + text[: text.index(token)].count("\n")) in found(tmp_path, text), text
    notebook = json.dumps(
        {"cells": [{"source": ["# login\n", f"a = 1\n{token}\n", f'login("{token}")\n']}]}, indent=1
    )
    assert {one for one, line in found(tmp_path, notebook, "train.ipynb") if line} == {kind}
    utf16 = found(tmp_path, f"a\n{token}\n".encode("utf-16"))
    assert (kind, 2) in utf16


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".env", "A=1"),
        ("deep/.env.local", "A=1"),
        ("id_rsa", "x"),
        ("id_ed25519", "x"),
        (".netrc", "machine x"),
        ("stored_tokens", "[a]"),
        (".npmrc", "//registry.example/:_authToken=abcdef123456"),
        (".pypirc", "[pypi]\nusername = me\npassword = secret"),
    ],
)
def test_files_that_hold_secrets_are_known_by_name(tmp_path: Path, path: str, content: str) -> None:
    assert found(tmp_path, content, path)


def test_the_tokens_of_the_hubs_client_are_known_by_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    (tmp_path / "token").write_text("anything")
    assert find_secrets("token", tmp_path / "token")
    (tmp_path / "other").write_text("anything")
    assert not find_secrets("token", tmp_path / "other")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".env.example", "HF_TOKEN="),
        (".env", ""),
        (
            "README.md",
            "Set `HF_TOKEN` to your token, as in `hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`, AKIAIOSFODNN7EXAMPLE.",
        ),
        ("README.md", "Your hf_transfer, sk-learn and sk-proj-ect; ghp_; token: hf_abc; BEGIN PUBLIC KEY"),
        ("code.py", "def hf_hub_download_of_something_that_is_rather_long(): ...\ntask-disk-proj-xoxb-"),
        (".npmrc", "//registry.example/:_authToken=${NPM_TOKEN}\nregistry=https://registry.example"),
        (".pypirc", "[pypi]\nusername = __token__"),
        (
            "merges.txt",
            "#version: 0.2\n" + "\n".join(f"{a} {b}" for a in string.printable[:60] for b in "hfskgp_AKIA"),
        ),
        ("SHA256SUMS", "\n".join(f"{_letters(64, '0123456789abcdef')}  model-{n}.bin" for n in range(2000))),
        ("vocab.json", json.dumps({_letters(_RANDOM.randint(1, 40)): n for n in range(20_000)})),
        (
            "spiece.txt",
            "\n".join(f"▁{word}\t-{n}" for n, word in enumerate(["hf_", "ghp_", "AKIA", "AIza", "sk-"] * 50)),
        ),
    ],
)
def test_what_is_no_secret_is_left_alone(tmp_path: Path, path: str, content: str) -> None:
    assert found(tmp_path, content, path) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(min_size=100, max_size=8000), st.integers(40, 200))
def test_random_base64_and_hex_are_no_secrets(tmp_path: Path, data: bytes, width: int) -> None:
    for text in (base64.b64encode(data), base64.urlsafe_b64encode(data), data.hex().encode()):
        lines = b"\n".join(text[at : at + width] for at in range(0, len(text), width))
        assert found(tmp_path, lines) == []
        assert found(tmp_path, json.dumps({"blob": text.decode()})) == []


def test_megabytes_of_base64_are_no_secret(tmp_path: Path) -> None:
    assert found(tmp_path, base64.b64encode(random.Random(3).randbytes(6 << 20))) == []


def test_a_real_tokenizer_is_no_secret(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    words = [_letters(_RANDOM.randint(2, 12)) for _ in range(3000)] + [
        "hf_token",
        "sk-learn",
        "AKIA",
        "BEGIN PRIVATE KEY",
    ]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.train_from_iterator(
        [" ".join(words)], trainers.BpeTrainer(vocab_size=4000, show_progress=False)
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert find_secrets("tokenizer.json", tmp_path / "tokenizer.json") == ()


def test_binary_files_and_very_large_ones_are_not_looked_into(tmp_path: Path) -> None:
    assert found(tmp_path, b"\x80\0" + HF.encode(), "model.bin") == []
    with (tmp_path / "large.txt").open("wb") as file:
        file.write(f"{HF}\n".encode())
        file.truncate(SCANNED_UP_TO + 1)
    assert find_secrets("large.txt", tmp_path / "large.txt") == ()


@pytest.mark.parametrize("before", [(1 << 20) - 20, (1 << 20) - 3000, 3 << 20])
def test_a_token_across_blocks_is_found_once_on_its_line(tmp_path: Path, before: int) -> None:
    lines = (b"x" * 99 + b"\n") * (before // 100) + b"y" * (before % 100)
    assert found(tmp_path, lines + b" " + HF.encode() + b"\n") == [("Hugging Face token", before // 100 + 1)]
