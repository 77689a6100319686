"""Images that are labelled: of any kind that Pillow reads, and files that are none."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from modelkeep.errors import BadInput, InferenceError
from modelkeep.inference.values import Labelled, Task, TryInputs, TryOptions
from support.caches import CacheMaker
from support.try_child import Answer, Ask, Case, ask, request_for

if TYPE_CHECKING:
    from support.tiny_models import TinyModels

pytest_plugins = ("support.tiny_models",)
image = pytest.importorskip("PIL.Image")

RED, BLUE = (255, 0, 0), (0, 0, 255)


def png(path: Path, width: int, height: int) -> Path:
    """The beginning of a PNG of any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b""))
    return path


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def make_images(folder: Path) -> dict[str, Path]:
    folder.mkdir()
    paths = {
        name: folder / name for name in ("red.png", "blue.jpg", "seen-through.png", "palette.gif", "cmyk.jpg")
    }
    paths |= {name: folder / name for name in ("grey.png", "wide.png", "float.tiff", "turned.jpg", "cut.png")}
    image.new("RGB", (40, 30), RED).save(paths["red.png"])
    image.new("RGB", (5, 90), BLUE).save(paths["blue.jpg"])
    # Nothing of its red is seen, and a half of its blue.
    seen = image.new("RGBA", (20, 20), (*RED, 0))
    seen.paste((*BLUE, 255), (0, 0, 20, 10))
    seen.save(paths["seen-through.png"])
    image.new("RGB", (20, 20), BLUE).convert("P").save(paths["palette.gif"])
    image.new("CMYK", (20, 20), (0, 255, 255, 0)).save(paths["cmyk.jpg"])
    image.new("L", (20, 20), 90).save(paths["grey.png"])
    image.new("I;16", (20, 20), 90 * 257).save(paths["wide.png"])
    image.new("F", (20, 20), 0.5).save(paths["float.tiff"])
    # Red above blue as it is stored; its camera was turned by a quarter.
    two = image.new("RGB", (20, 20), BLUE)
    two.paste(RED, (0, 0, 20, 10))
    exif = image.Exif()
    exif[0x0112] = 6
    two.save(paths["turned.jpg"], exif=exif)
    noise = image.frombytes("RGB", (64, 64), os.urandom(64 * 64 * 3))
    noise.save(paths["cut.png"])
    paths["cut.png"].write_bytes(paths["cut.png"].read_bytes()[:4000])
    paths["huge.png"] = png(folder / "huge.png", 60_000, 60_000)
    paths["text.png"] = folder / "text.png"
    paths["text.png"].write_text("This is no image.")
    paths["empty.png"] = folder / "empty.png"
    paths["empty.png"].touch()
    paths["gone.png"] = folder / "gone.png"
    paths["folder"] = folder
    return paths


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_images(tmp_path_factory.mktemp("images") / "seen")


@pytest.fixture(scope="module")
def answers(
    tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels, paths: dict[str, Path]
) -> dict[str, Answer]:
    cache = CacheMaker(tmp_path_factory.mktemp("try-images") / "hub")
    tiny_models.add(cache, "vision")
    tiny_models.add(cache, "vision", "tiny/blind", {"preprocessor_config.json": None})
    alone = [asked(path) for path in paths.values()]
    both = (asked(paths["red.png"], paths["blue.jpg"]), asked())
    cases = [
        Case(request_for(cache.root, "tiny/vision", Task.IMAGE_CLASSIFICATION), (*alone, *both)),
        Case(request_for(cache.root, "tiny/blind", Task.IMAGE_CLASSIFICATION)),
    ]
    return dict(zip(("vision", "blind"), ask(cache.root, cases), strict=True))


def asked(*paths: Path) -> Ask:
    return Ask(Task.IMAGE_CLASSIFICATION, TryInputs(images=tuple(map(str, paths))), TryOptions(top_k=0))


@pytest.fixture
def said(answers: dict[str, Answer], paths: dict[str, Path]) -> dict[str, dict[str, float] | Exception]:
    """The labels of each image by its name."""
    assert answers["vision"].error is None
    found: dict[str, dict[str, float] | Exception] = {}
    for name, came in zip(paths, answers["vision"].outputs, strict=False):
        found[name] = came if isinstance(came, Exception) else dict(cast(Labelled, came[0]).labels)
    return found


def labels(said: dict[str, dict[str, float] | Exception], name: str) -> dict[str, float]:
    found = said[name]
    assert not isinstance(found, Exception), found
    return found


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("red.png", "red"),
        ("blue.jpg", "blue"),
        ("palette.gif", "blue"),
        ("cmyk.jpg", "red"),
        ("seen-through.png", "blue"),
    ],
)
def test_what_there_is_most_of_is_the_first_label(
    said: dict[str, dict[str, float] | Exception], name: str, label: str
) -> None:
    assert next(iter(labels(said, name))) == label


def test_more_than_eight_bits_are_the_same_grey(said: dict[str, dict[str, float] | Exception]) -> None:
    assert labels(said, "wide.png") == pytest.approx(labels(said, "grey.png"), abs=1e-3)
    assert sum(labels(said, "float.tiff").values()) == pytest.approx(1)


def test_what_is_no_image_is_said_to_be_none(
    said: dict[str, dict[str, float] | Exception], paths: dict[str, Path]
) -> None:
    errors = {name: str(one) for name, one in said.items() if isinstance(one, BadInput)}
    assert errors == {
        "cut.png": f"{paths['cut.png']} is an image that is damaged.",
        "huge.png": f"{paths['huge.png']} has more pixels than are read.",
        "text.png": f"{paths['text.png']} is no image.",
        "empty.png": f"{paths['empty.png']} is no image.",
        "gone.png": f"There is no file {paths['gone.png']}.",
        "folder": f"{paths['folder']} cannot be read (Is a directory).",
    }


def test_several_images_are_answered_in_their_order(answers: dict[str, Answer]) -> None:
    both, nothing = answers["vision"].outputs[-2:]
    assert isinstance(both, list)
    assert [cast(Labelled, output).labels[0].label for output in both] == ["red", "blue"]
    assert isinstance(nothing, BadInput)
    assert answers["vision"].about is not None
    assert answers["vision"].about.labels == ("red", "green", "blue")


def test_without_its_processor_it_does_not_load(answers: dict[str, Answer]) -> None:
    error = answers["blind"].error
    assert isinstance(error, InferenceError)
    assert str(error) == "preprocessor_config.json, which says how an image is read, is not here."


def test_an_image_is_seen_the_way_up_that_its_camera_says(paths: dict[str, Path]) -> None:
    from modelkeep.inference.child.images import open_image

    turned = open_image(str(paths["turned.jpg"]))
    left, right = turned.getpixel((2, 10)), turned.getpixel((17, 10))
    assert left[2] > 200 > left[0]
    assert right[0] > 200 > right[2]
