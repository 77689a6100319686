"""An image as the numbers that a model takes, as preprocessor_config.json says: size, part, scale, mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelkeep.errors import RuntimeMissing, UnsupportedModel
from modelkeep.inference.child.images import open_image

__all__ = ["pixels"]

_MOST_SIDE = 4096
"""Pixels; a configuration that asks for more is wrong, or means harm."""


def pixels(path: str, how: Mapping[str, Any]) -> Any:
    """An array of channels, rows and columns. See `open_image` for what it raises."""
    try:
        import numpy as np
        import PIL  # noqa: F401 - `open_image` takes it
    except ImportError as error:
        raise RuntimeMissing(
            "Reading images takes pillow, which is not installed here.", hint="Install it: pip install pillow"
        ) from error
    image = open_image(path)
    if how.get("do_resize", True):
        width, height = _size(how.get("size", 224), image.size)
        image = image.resize((width, height), resample=int(how.get("resample", 2)))
    if how.get("do_center_crop"):
        width, height = _size(how.get("crop_size", 224), (0, 0))
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image = image.crop((left, top, left + width, top + height))
    values: Any = np.asarray(image, np.float32)
    if how.get("do_rescale", True):
        values = values * float(how.get("rescale_factor", 1 / 255))
    if how.get("do_normalize", True):
        mean, deviation = how.get("image_mean", [0.5] * 3), how.get("image_std", [0.5] * 3)
        values = (values - np.array(mean, np.float32)) / np.array(deviation, np.float32)
    return values.transpose(2, 0, 1)


def _size(said: Any, now: tuple[int, int]) -> tuple[int, int]:
    """Width and height. A number alone, or `shortest_edge`, keeps the proportions of what is there `now`."""
    match said:
        case {"height": int(height), "width": int(width)}:
            wanted = (width, height)
        case {"shortest_edge": int(edge)} if min(now):
            wanted = (round(now[0] * edge / min(now)), round(now[1] * edge / min(now)))
        case int(edge) | {"shortest_edge": int(edge)}:
            wanted = (edge, edge)
        case _:
            raise UnsupportedModel("preprocessor_config.json says a size of images that is not known here.")
    if not all(0 < side <= _MOST_SIDE for side in wanted):
        raise UnsupportedModel(
            f"preprocessor_config.json asks for images of {wanted[0]:,} by {wanted[1]:,} pixels."
        )
    return wanted
