"""Images that get labels."""

from __future__ import annotations

import warnings
from typing import Any

from modelkeep.errors import BadInput
from modelkeep.inference.child.classification import labelled
from modelkeep.inference.child.loading import TransformersModel
from modelkeep.inference.child.turn import Turn
from modelkeep.inference.values import Output, TryInputs, TryOptions
from modelkeep.metadata.reading import Unreadable, open_file

__all__ = ["answer", "open_image"]


def answer(loaded: TransformersModel, inputs: TryInputs, options: TryOptions, turn: Turn) -> list[Output]:
    """The labels of each image file. Raises `BadInput` for what is no image, and for one that is too large."""
    if not inputs.images:
        raise BadInput("There is no image.")
    outputs: list[Output] = []
    for number, path in enumerate(inputs.images):
        turn.step("Answering", number, len(inputs.images))
        if turn.is_stopped:
            break
        pixels = loaded.processor(images=[open_image(path)], return_tensors="pt")["pixel_values"]
        given = pixels.to(loaded.model.device, loaded.model.dtype)
        logits = loaded.model(pixel_values=given).logits[0]
        outputs.append(labelled(logits.float().tolist(), loaded, options))
    return outputs


def open_image(path: str) -> Any:
    """An image of Pillow in red, green and blue, the way up that its camera says."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with open_file(path) as file, warnings.catch_warnings():
            # Of images that are only large: those are read.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                image.load()
                return _in_colour(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.") from error
    except UnidentifiedImageError as error:
        raise BadInput(f"{path} is no image.") from error
    except Image.DecompressionBombError as error:
        # By Pillow's own limit: what would take more than 512 MiB.
        raise BadInput(f"{path} has more pixels than are read.", hint="Make the image smaller.") from error
    except Unreadable as error:
        raise BadInput(f"{path} is no file that can be read as an image.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, PermissionError | IsADirectoryError):
            raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
        raise BadInput(
            f"{path} is an image that is damaged.", hint="See whether other programs open it."
        ) from error


def _in_colour(image: Any) -> Any:
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        # More than eight bits for each pixel, which Pillow would cut off at 255.
        lowest, highest = image.convert("F").getextrema()
        wide = (
            (0.0, 65535.0)
            if image.mode.startswith("I") and lowest >= 0 and highest <= 65535
            else (lowest, highest)
        )
        scale = 255 / ((wide[1] - wide[0]) or 1)
        image = image.convert("F").point(lambda value: value * scale - wide[0] * scale).convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        # What is seen through it is white, as on a page; without that it is whatever the file has there.
        image = image.convert("RGBA")
        page = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(page, image)
    return image.convert("RGB")
