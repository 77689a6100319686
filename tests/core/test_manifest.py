from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelkeep.archive.checksums import SUMS_NAME, format_sums, parse_sums
from modelkeep.archive.manifest import MAX_METADATA, ModelMetadata, archive_folder, hub_url
from modelkeep.errors import DamagedArchive
from modelkeep.keys import ModelKey

MINILM = ModelKey("sentence-transformers/all-MiniLM-L6-v2")
COMMIT = "7dbbc90392e2f80f3d3c277d6e90027e55de9125"

# As DSS documents it, with every field.
FROM_DSS = {
    "commitHash": COMMIT,
    "downloadDate": 1698300636139,
    "downloadedBy": "admin",
    "lastDssUsage": 1699570884724,
    "lastModified": "2022-11-07T08:44:33.000Z",
    "lastUsedBy": "admin",
    "libraryName": "sentence-transformers",
    "modelDefinition": {"key": "hf@sentence-transformers/all-MiniLM-L6-v2"},
    "pipelineName": "sentence-similarity",
    "sizeInBytes": 91652688,
    "taggedLanguages": ["en"],
    "tags": ["pytorch", "bert"],
    "url": "https://huggingface.co/sentence-transformers%2Fall-MiniLM-L6-v2/tree/main",
    "version": 0,
}


def as_json(**changes: object) -> bytes:
    return json.dumps({**FROM_DSS, **changes}).encode()


def definition(key: object) -> bytes:
    return as_json(modelDefinition={"key": key})


class TestMetadata:
    def test_every_field_of_dss_is_understood_and_written_back_in_its_order(self) -> None:
        metadata = ModelMetadata.parse(json.dumps(FROM_DSS).encode())
        assert metadata.key == MINILM
        assert metadata.commit == COMMIT
        assert (metadata.downloaded_at, metadata.last_used) == (1698300636139, 1699570884724)
        assert metadata.languages == ("en",)
        assert metadata.unknown == {}
        written = json.loads(metadata.to_json())
        assert list(written.items()) == list(FROM_DSS.items())

    def test_what_is_not_known_is_left_out(self) -> None:
        metadata = ModelMetadata(MINILM, hub_url(MINILM))
        assert set(json.loads(metadata.to_json())) == {"modelDefinition", "url", "version"}

    def test_fields_that_nobody_knows_are_kept_also_inside_the_definition(self) -> None:
        data = as_json(zeta={"a": [1, None]}, modelDefinition={"key": str(MINILM), "kind": "LLM"}, answer=42)
        metadata = ModelMetadata.parse(data)
        assert metadata.unknown == {
            "zeta": {"a": [1, None]},
            "modelDefinition": {"kind": "LLM"},
            "answer": 42,
        }
        written = json.loads(metadata.to_json())
        assert written == json.loads(data)
        assert list(written)[-2:] == ["zeta", "answer"]
        assert metadata.to_json() == ModelMetadata.parse(metadata.to_json()).to_json()

    def test_a_revision_in_the_key_survives(self) -> None:
        metadata = ModelMetadata.parse(definition("hf@org/name@refs/pr/4"))
        assert metadata.key == ModelKey("org/name", "refs/pr/4")
        assert ModelMetadata.parse(metadata.to_json()) == metadata

    def test_a_missing_url_and_version_are_forgiven_because_the_key_says_enough(self) -> None:
        metadata = ModelMetadata.parse(b'{"modelDefinition": {"key": "org/name"}, "commitHash": null}')
        assert metadata == ModelMetadata(ModelKey("org/name"), "https://huggingface.co/org%2Fname/tree/main")

    def test_names_beyond_ascii_are_written_as_they_are(self) -> None:
        metadata = ModelMetadata(MINILM, hub_url(MINILM), downloaded_by="Zoë", tags=("日本語",))
        assert "Zoë".encode() in metadata.to_json()
        assert ModelMetadata.parse(metadata.to_json()) == metadata

    def test_indentation_does_not_make_it_too_large_to_be_read_again(self) -> None:
        data = json.dumps(
            {"modelDefinition": {"key": "org/name"}, "deep": [0] * 400_000}, separators=(",", ":")
        ).encode()
        metadata = ModelMetadata.parse(data)
        assert len(metadata.to_json()) <= MAX_METADATA
        assert ModelMetadata.parse(metadata.to_json()) == metadata

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"", "not JSON"),
            (b"\xff\xfe\x00", "not JSON"),
            (b"[" * 100_000, "not JSON"),
            (b'{"modelDefinition": {"key": "org/name"}, "x": NaN}', "not JSON"),
            (b'{"modelDefinition": {"key": "org/name"}, "x": "\\ud800"}', "not JSON"),
            (b"[]", "not a JSON object"),
            (b" " * (MAX_METADATA + 1), "larger than 1 MiB"),
            (b"{}", "which model"),
            (as_json(modelDefinition="hf@org/name"), "which model"),
            (definition(7), "which model"),
            (definition("hf@../etc"), "cannot be"),
            (definition("hf@org/name@"), "cannot be"),
            (as_json(version=1), "of version 1"),
            (as_json(version="0"), "version"),
            (as_json(version=True), "version"),
            (as_json(commitHash="main"), "40 hex"),
            (as_json(downloadDate="yesterday"), "downloadDate"),
            (as_json(sizeInBytes=1.5), "sizeInBytes"),
            (as_json(url=["a"]), "url"),
            (as_json(tags="a"), "tags"),
            (as_json(taggedLanguages=["en", 7]), "taggedLanguages"),
        ],
    )
    def test_what_it_cannot_be_is_damage_with_a_sentence(self, data: bytes, sentence: str) -> None:
        with pytest.raises(DamagedArchive, match=sentence):
            ModelMetadata.parse(data)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([COMMIT, str(MINILM)]),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*FROM_DSS, "key", "x"]), inner),
        )
    )
    def test_any_json_is_understood_and_written_back_or_is_damage(self, value: object) -> None:
        data = json.dumps(value).encode()
        try:
            metadata = ModelMetadata.parse(data)
        except DamagedArchive:
            return
        assert ModelMetadata.parse(metadata.to_json()) == metadata


class TestNames:
    @pytest.mark.parametrize(
        ("key", "folder"),
        [
            ("sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers_2fall-MiniLM-L6-v2"),
            ("gpt2", "gpt2"),
            ("org/name_1.5@v1.0", "org_2fname_1.5_40v1.0"),
            ("org/name@refs/pr/4", "org_2fname_40refs_2fpr_2f4"),
            ('org/name@a"<é>|', "org_2fname_40a_22_3c_c3_a9_3e_7c"),
            ("hf-dataset@org/name", "datasets_2forg_2fname"),
        ],
    )
    def test_a_folder_is_named_as_dss_does_and_fits_every_file_system(self, key: str, folder: str) -> None:
        assert archive_folder(ModelKey.parse(key)) == folder

    def test_a_url_has_the_revision_that_is_meant(self) -> None:
        assert hub_url(MINILM) == FROM_DSS["url"]
        assert hub_url(ModelKey("a/b", "refs/pr/4")) == "https://huggingface.co/a%2Fb/tree/refs%2Fpr%2F4"
        assert hub_url(ModelKey("a/b", "v1"), "v2", "https://hub.site/") == "https://hub.site/a%2Fb/tree/v2"
        assert hub_url(ModelKey("a/b", None, "dataset")) == "https://huggingface.co/datasets/a%2Fb/tree/main"


file_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


class TestChecksums:
    @given(st.dictionaries(file_names.filter(lambda name: not name.startswith("./")), digests))
    def test_what_is_written_is_read(self, sums: dict[str, str]) -> None:
        assert parse_sums(format_sums(sums)) == sums

    @given(st.binary())
    def test_any_bytes_are_sums_or_damage(self, data: bytes) -> None:
        try:
            parse_sums(data)
        except DamagedArchive:
            pass

    def test_the_command_itself_accepts_what_is_written_and_writes_what_is_read(self, tmp_path: Path) -> None:
        names = [
            "model/config.json",
            "model/Zoë 1.bin",
            "model/*star",
            "back\\slash",
            "line\nbreak",
            "# hash",
        ]
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(name.encode())
        printed = subprocess.run(["sha256sum", *names], cwd=tmp_path, capture_output=True, check=True).stdout
        binary = subprocess.run(
            ["sha256sum", "--binary", *names], cwd=tmp_path, capture_output=True, check=True
        ).stdout
        sums = parse_sums(printed)
        assert set(sums) == set(names)
        assert parse_sums(binary) == sums
        (tmp_path / SUMS_NAME).write_bytes(format_sums(sums))
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS_NAME], cwd=tmp_path, check=True)

    def test_windows_line_ends_capitals_comments_and_dots_are_understood(self) -> None:
        data = f"\ufeff# made by hand\r\n{'AB' * 32} *./model/a b\r\n\r\n".encode()
        assert parse_sums(data) == {"model/a b": "ab" * 32}

    @pytest.mark.parametrize(
        "data",
        [
            b"not a sum\n",
            b"%s  \n" % (b"a" * 64),
            b"%s  name\n" % (b"a" * 63),
            b"%s name\n" % (b"a" * 64),
            b"\\%s  na\\me\n" % (b"a" * 64),
            b"%s  \xff\n" % (b"a" * 64),
            b"%s  a\n%s  a\n" % (b"a" * 64, b"b" * 64),
        ],
    )
    def test_anything_else_is_damage(self, data: bytes) -> None:
        with pytest.raises(DamagedArchive):
            parse_sums(data)
