"""Pictures that people upload are drawn anew: dots alone, upright, nothing of the place or the camera."""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError


class NotAPicture(ValueError):
    """Not one of the formats asked for."""


class TooManyDots(ValueError):
    """More dots than a camera makes: it may have been made to fill the memory."""


class BrokenPicture(ValueError):
    """A picture that cannot be drawn to its end."""


def drawn_anew(
    upload: Any, *, formats: tuple[str, ...], longest_side: int, most_pixels: int
) -> tuple[str, str, bytes]:
    """Content type, ending and bytes of the picture drawn anew, at most `longest_side` dots wide and high.

    Raises NotAPicture, TooManyDots or BrokenPicture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(upload, formats=formats) as opened:
                if opened.width * opened.height > most_pixels:
                    raise TooManyDots
                opened.draft("RGB", (longest_side * 2, longest_side * 2))
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((longest_side, longest_side))
                is_clear = "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA")
                plain = upright.convert("RGBA" if is_clear else "RGB")
    except TooManyDots:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyDots from None
    except UnidentifiedImageError:
        raise NotAPicture from None
    except (OSError, SyntaxError, ValueError, EOFError):  # what Pillow raises for a broken file
        raise BrokenPicture from None
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    out = io.BytesIO()
    if is_clear:
        clean.save(out, "PNG", optimize=True)
        return "image/png", "png", out.getvalue()
    clean.save(out, "JPEG", quality=85)
    return "image/jpeg", "jpg", out.getvalue()


def content_type_of(name: str) -> str:
    """Of a stored picture that was drawn anew, by its ending."""
    return "image/png" if name.endswith(".png") else "image/jpeg"
