"""Reads pictures with Pillow: one upright sRGB picture out of whatever the file holds.

Pillow gets the format from the recognised type and tries no other. Sizes are judged from the header, before a pixel
is decoded. What leaves is made of pixels alone: no tag of the source is copied.
"""

from __future__ import annotations

import contextlib
import io
import struct
from typing import BinaryIO

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from sensorium.core.contents import Document, DraftPiece, ImageInput, Pixels, ReadRequest
from sensorium.core.errors import DamagedFile, Refused, TooLarge
from sensorium.core.fingerprints import FINGERPRINT
from sensorium.core.items import Modality, Place, Preview, Producer
from sensorium.core.settings import Settings
from sensorium.readers.pictures.colours import colours
from sensorium.readers.pictures.fingerprints import SIDE, fingerprint

PRODUCER = Producer(name="reader.image", version="1")

FORMATS = {
    "image/avif": AvifImagePlugin.AvifImageFile.format,
    "image/bmp": BmpImagePlugin.BmpImageFile.format,
    "image/gif": GifImagePlugin.GifImageFile.format,
    "image/jpeg": JpegImagePlugin.JpegImageFile.format,
    "image/png": PngImagePlugin.PngImageFile.format,
    "image/tiff": TiffImagePlugin.TiffImageFile.format,
    "image/webp": WebPImagePlugin.WebPImageFile.format,
}

PAPER = "white"
"""What lies behind transparent pixels."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation (EXIF 3.0, 4.6.5.1.6)."""

SIDEWAYS = {5, 6, 7, 8}

PAD = (128, 128, 128)
PREVIEW_QUALITY = 80

LEAST_WRITING = 32
"""Pixels of a side below which no line of writing fits on a picture."""

LONGEST = 16
"""Times the shorter side that is looked at of a picture whose middle is wanted."""

SHRINK_TO = 2
"""Decoding and averaging may stop at this many times the wanted side: bicubic filtering sees no difference there."""


class ImageReader:
    """A picture -> one image piece with its renditions and a preview; of an animation the first frame."""

    media_types = frozenset(FORMATS)

    def __init__(self) -> None:
        Image.preinit()  # what it would load with the first file
        Image.MAX_IMAGE_PIXELS = None  # our own limit refuses, where Pillow's would only warn
        AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # a reading process has no threads to give

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge (pixels, side, frames) or DamagedFile.

        >>> file = io.BytesIO(); Image.new("RGB", (20, 10), "red").save(file, "PNG")
        >>> request = ReadRequest(image_inputs=(ImageInput(width=4, height=4),))
        >>> document = ImageReader().read(file, "image/png", request, Settings())
        >>> document.attributes["width"], document.pieces[0].renditions[0].shape
        ('20', (4, 4, 3))
        """
        wanted = max(
            [
                request.preview_side,
                request.scan_side / SHRINK_TO,
                *(max(entry.width, entry.height, entry.shorter) for entry in request.image_inputs),
                SIDE,
            ]
        )
        try:
            picture, attributes = _decode(stream, media_type, round(SHRINK_TO * wanted), settings)
        except (Refused, MemoryError):
            raise
        except Exception as error:  # decoders of seven formats raise whatever their parsers meet
            kind = f"{FORMATS[media_type]} picture"
            remedy = "open it in another program and save it anew, or restore it from its source"
            raise DamagedFile(f"not a whole {kind} ({_reason(error)})", remedy=remedy) from error
        piece = DraftPiece(
            modality=Modality.IMAGE,
            place=Place(),
            renditions=tuple(rendition(picture, entry) for entry in request.image_inputs),
            preview=preview(picture, request.preview_side) if request.preview_side else None,
            scan=scan(picture, request.scan_side) if request.scan_side else None,
            attributes={"colours": colours(picture), FINGERPRINT: fingerprint(picture)},
        )
        return Document(
            modality=Modality.IMAGE,
            media_type=media_type,
            title="",
            pieces=(piece,),
            reader=PRODUCER,
            attributes=attributes,
        )


def rendition(picture: Image.Image, wanted: ImageInput) -> Pixels:
    """The pixels that a tower wants of an RGB picture: uint8 [wanted.height, wanted.width, 3].

    >>> rendition(Image.new("RGB", (9, 3), "red"), ImageInput(width=3, height=3, fit="pad"))[:, 1].tolist()
    [[128, 128, 128], [255, 0, 0], [128, 128, 128]]
    """
    size = wanted.width, wanted.height
    resample = Image.Resampling[wanted.resample.upper()]
    if wanted.fit == "pad":
        scale = min(wanted.width / picture.width, wanted.height / picture.height)
        inner = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        fitted = picture.resize(inner, resample)
        result = Image.new("RGB", size, PAD)
        result.paste(fitted, ((size[0] - fitted.width) // 2, (size[1] - fitted.height) // 2))
    elif wanted.fit == "crop" and wanted.shorter:
        result = _centre(picture, wanted, resample)
    elif wanted.fit == "crop":
        result = ImageOps.fit(picture, size, resample)
    else:
        result = picture.resize(size, resample)
    return np.asarray(result)


def _centre(picture: Image.Image, wanted: ImageInput, resample: Image.Resampling) -> Image.Image:
    """The middle of the picture once its shorter side is `wanted.shorter`, black where it does not reach.

    As torchvision and transformers do it, to the pixel: fractions of the longer side are cut off. A picture that is
    very long loses its ends before, since the whole of it would not fit into memory.
    """
    longest = LONGEST * min(picture.size)
    ends = [max(0, side - longest) // 2 for side in picture.size]
    if any(ends):
        picture = picture.crop((ends[0], ends[1], picture.width - ends[0], picture.height - ends[1]))
    width, height = (int(wanted.shorter * side / min(picture.size)) for side in picture.size)
    whole = picture.resize((width, height), resample)
    left, top = (width - wanted.width) // 2, (height - wanted.height) // 2
    return whole.crop((left, top, left + wanted.width, top + wanted.height))


def scan(picture: Image.Image, side: int) -> Pixels | None:
    """The pixels of an RGB picture that writing is read off, its longest side at most `side`; None for one that is too
    small to hold any."""
    if min(picture.size) < LEAST_WRITING or max(picture.size) < 2 * LEAST_WRITING:
        return None
    large = picture.copy()
    large.thumbnail((side, side), Image.Resampling.BICUBIC)
    return np.asarray(large)


def preview(picture: Image.Image, side: int) -> Preview:
    """A small JPEG of an RGB picture, its longest side at most `side` pixels, with no metadata."""
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    small.info = {}  # Pillow would write the source's comment again
    data = io.BytesIO()
    small.save(data, "JPEG", quality=PREVIEW_QUALITY)
    return Preview(
        media_type="image/jpeg", width=small.width, height=small.height, data=data.getvalue(), producer=PRODUCER
    )


def _decode(stream: BinaryIO, media_type: str, enough: int, settings: Settings) -> tuple[Image.Image, dict[str, str]]:
    """An upright RGB picture whose shorter side may be shrunk down to `enough` pixels, and its attributes."""
    if media_type == "image/webp":
        _check_size(webp_size(stream.read(30)), settings)
        stream.seek(0)
    image: Image.Image
    with Image.open(stream, formats=[FORMATS[media_type]]) as image:
        width, height = image.size
        _check_size(image.size, settings)
        frames = getattr(image, "n_frames", 1)
        if frames > settings.image_frames:
            raise TooLarge(f"{frames} frames", remedy="keep fewer, or raise SENSORIUM_IMAGE_FRAMES")
        image.draft(None, (enough, enough))
        image.load()
        orientation = _orientation(image)
        profile = image.info.get("icc_profile")
        picture = _on_paper(_shrink(_eight_bits(image, enough), enough))
    if orientation in TURNS:
        picture = picture.transpose(TURNS[orientation])
    if orientation in SIDEWAYS:
        width, height = height, width
    return _in_srgb(picture, profile), {"width": str(width), "height": str(height), "frames": str(frames)}


def _check_size(size: tuple[int, int], settings: Settings) -> None:
    width, height = size
    if max(size) > settings.image_side:
        raise TooLarge(f"a side of {max(size)} pixels", remedy="make it smaller, or raise SENSORIUM_IMAGE_SIDE")
    if width * height > settings.image_pixels:
        raise TooLarge(
            f"a picture of {width} x {height} pixels", remedy="make it smaller, or raise SENSORIUM_IMAGE_PIXELS"
        )


def webp_size(head: bytes) -> tuple[int, int]:
    """The canvas that the first 30 bytes of a WebP claim, (0, 0) when they claim none (RFC 9649).

    Asked before Pillow opens the file, because that already takes memory for two canvases.
    """
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(head) >= 30:
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    return 0, 0


def _orientation(image: Image.Image) -> int:
    """As the tag says; broken tags are common in sound pictures and then mean nothing."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except (SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error):
        return 1


def _eight_bits(image: Image.Image, enough: int) -> Image.Image:
    """The picture as L, LA, RGB, RGBA or CMYK, which are the modes that can be averaged and composited."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        return _stretched(_shrink(image, enough))
    if image.mode == "La":
        return image.convert("LA")
    if image.has_transparency_data and image.mode not in ("LA", "RGBA"):
        return image.convert("RGBA")
    return image if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _stretched(image: Image.Image) -> Image.Image:
    """32-bit pixels have no known black and white: the darkest becomes black, the brightest white."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    values -= values.min()
    return Image.fromarray((values * (255.0 / (values.max() or 1.0))).astype(np.uint8))


def _shrink(image: Image.Image, enough: int) -> Image.Image:
    """Averages blocks of pixels as long as the shorter side stays at or above `enough`."""
    factor = min(image.size) // enough
    if factor < 2:
        return image
    size = image.width // factor, image.height // factor
    return image.resize(size, Image.Resampling.BOX, reducing_gap=1.0)


def _on_paper(image: Image.Image) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image
    paper = Image.new("RGBA", image.size, PAPER)
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as a screen shows them. A profile that does not fit its picture is left out, as viewers do."""
    if profile and not any(mark in profile for mark in (b"sRGB", b"s\0R\0G\0B")):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.getOpenProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
    return picture.convert("RGB")


def _reason(error: Exception) -> str:
    """Pillow's own words, short, without the address of our stream that some of them carry."""
    words = str(error).partition(" <")[0] or type(error).__name__
    return words[:120]
