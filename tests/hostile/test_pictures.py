"""Bombs and broken pictures, made here: each is a refusal of its own kind, before it costs memory."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from sensorium.core.contents import Document
from sensorium.core.errors import DamagedFile, Refused, TooLarge
from sensorium.testing.mutants import Chosen, check_mutants, has_pieces, mutated
from sensorium.testing.pictures import SIGNATURE, chunk

Read = Callable[..., Document]

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/avif": "AVIF",
}

MUTANTS = 210
MUTANTS_LONG = 20_000


def picture(width: int = 48, height: int = 36) -> Image.Image:
    image = Image.new("RGB", (width, height), "navy")
    ImageDraw.Draw(image).ellipse((4, 4, width - 5, height - 5), fill="orange")
    return image


def encoded(format: str, **options: object) -> bytes:
    data = io.BytesIO()
    picture().save(data, format, **options)
    return data.getvalue()


def png(width: int, height: int, *extra: bytes) -> bytes:
    """A valid, all black, one bit PNG of that size: a few kilobytes for hundreds of megapixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join([packer.compress(row) for _ in range(height)] + [packer.flush()])
    chunks = [chunk(b"IHDR", header), *extra, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


def test_a_png_of_179_megapixels_is_too_large(read: Read) -> None:
    bomb = png(13_400, 13_400)
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="13400 x 13400"):
        read(bomb, "image/png")


def test_a_long_side_is_too_large(read: Read) -> None:
    with pytest.raises(TooLarge, match="40000"):
        read(png(40_000, 1), "image/png")


def test_a_picture_just_within_the_limit_is_read(read: Read) -> None:
    assert read(png(10_000, 5_000), "image/png").attributes["width"] == "10000"


def test_a_webp_canvas_is_judged_before_it_is_opened(read: Read) -> None:
    exif = Image.Exif()
    exif[0x010F] = "maker"
    data = bytearray(encoded("WEBP", exif=exif))
    assert data[12:16] == b"VP8X"
    data[24:30] = b"\xff\xff\x00\xff\xff\x00"
    with pytest.raises(TooLarge, match="65536"):
        read(bytes(data), "image/webp")


def test_a_gif_of_too_many_frames_is_too_large(read: Read) -> None:
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    data = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff" + frame * 1_500 + b";"
    with pytest.raises(TooLarge, match="frames"):
        read(data, "image/gif")


def test_a_text_chunk_that_unfolds_is_refused(read: Read) -> None:
    bomb = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    with pytest.raises(Refused):
        read(png(10, 10, chunk(b"zTXt", bomb)), "image/png")


def test_a_colour_profile_that_unfolds_is_refused(read: Read) -> None:
    bomb = b"icc\0\0" + zlib.compress(bytes(200_000_000), 9)
    with pytest.raises(Refused):
        read(png(10, 10, chunk(b"iCCP", bomb)), "image/png")


@pytest.mark.parametrize("media_type", FORMATS)
def test_half_a_picture_is_damaged(read: Read, media_type: str) -> None:
    whole = encoded(FORMATS[media_type])
    with pytest.raises(DamagedFile):
        read(whole[: len(whole) // 2], media_type)


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_picture_of_another_format_is_not_guessed(read: Read, media_type: str) -> None:
    other = "PNG" if media_type != "image/png" else "JPEG"
    with pytest.raises(DamagedFile):
        read(encoded(other), media_type)


def test_postscript_is_never_opened(read: Read) -> None:
    with pytest.raises(DamagedFile):
        read(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "image/png")


SOUND = {media_type: encoded(format) for media_type, format in FORMATS.items()}


def mutant(chance: random.Random) -> Chosen:
    media_type = chance.choice(list(FORMATS))
    return mutated(chance, SOUND[media_type], (1, 2, 4, 64)), SOUND[media_type], media_type


def has_its_rendition(document: Document) -> bool:
    return document.pieces[0].renditions[0].shape == (32, 32, 3)


def test_mutated_pictures_are_read_or_refused(read: Read) -> None:
    check_mutants(read, mutant, count=MUTANTS, seed=6, holds=(has_its_rendition, has_pieces))


@pytest.mark.long
def test_many_mutated_pictures_are_read_or_refused(read: Read) -> None:
    check_mutants(read, mutant, count=MUTANTS_LONG, seed=7, holds=(has_its_rendition, has_pieces))


NEEDLES = (b"SERIAL-4711-NEEDLE", b"NEEDLE-COMMENT", b"NEEDLE-OWNER", b"NEEDLE-XMP", b"Exif", b"ns.adobe.com")


def tagged_jpeg() -> bytes:
    """A picture whose left half is red, stored lying on its side, with all that a telephone writes into it."""
    image = Image.new("RGB", (64, 32), "blue")
    image.paste("red", (0, 16, 64, 32))  # the lower half; the orientation turns it to the left
    exif = Image.Exif()
    exif[0x0112] = 6  # turn 90 degrees clockwise to see it
    exif[0x010F] = "NEEDLE-OWNER"
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-4711-NEEDLE"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 34.5678), 3: "E", 4: (16.0, 22.0, 12.3456)})
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif, comment=b"NEEDLE-COMMENT", quality=95, xmp=b"<x:xmpmeta>NEEDLE-XMP</x:xmpmeta>")
    return data.getvalue()


def test_orientation_is_honoured(read: Read) -> None:
    document = read(tagged_jpeg(), "image/jpeg")
    pixels = document.pieces[0].renditions[0]
    assert (document.attributes["width"], document.attributes["height"]) == ("32", "64")
    assert pixels[16, 4].argmax() == 0
    assert pixels[16, 28].argmax() == 2


def test_no_tag_of_the_source_is_copied(read: Read) -> None:
    source = tagged_jpeg()
    assert all(needle in source for needle in NEEDLES[:4])
    document = read(source, "image/jpeg")
    preview = document.pieces[0].preview
    assert preview is not None
    assert not any(needle in preview.data for needle in NEEDLES)
    assert not any(needle.decode() in repr(document) for needle in NEEDLES)
    assert set(document.attributes) == {"width", "height", "frames"}


def test_the_preview_of_a_png_carries_no_text(read: Read) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "NEEDLE-COMMENT")
    preview = read(encoded("PNG", pnginfo=info), "image/png").pieces[0].preview
    assert preview is not None
    assert b"NEEDLE" not in preview.data
