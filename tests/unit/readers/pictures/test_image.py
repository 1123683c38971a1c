from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from sensorium.core.contents import Document, ImageInput, Pixels, ReadRequest
from sensorium.core.errors import DamagedFile, TooLarge
from sensorium.core.items import Place
from sensorium.core.settings import Settings
from sensorium.readers.pictures.image import ImageReader, rendition, webp_size

SQUASH = ImageInput(width=8, height=8)
MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}
Colour = tuple[int, ...]


def read(image: Image.Image, format: str = "PNG", *, side: int = 16, limits: Any = None, **options: Any) -> Document:
    data = io.BytesIO()
    image.save(data, format, **options)
    request = ReadRequest(image_inputs=(SQUASH,), preview_side=side)
    return ImageReader().read(data, MEDIA_TYPES[format], request, limits or Settings())


def pixels(document: Document) -> Pixels:
    return document.pieces[0].renditions[0]


def centre(document: Document) -> list[int]:
    return [int(value) for value in pixels(document)[4, 4]]


@pytest.mark.parametrize("format", MEDIA_TYPES)
def test_every_format_is_read(format: str) -> None:
    document = read(Image.new("RGB", (40, 20), (200, 30, 60)), format)
    assert pixels(document).shape == (8, 8, 3)
    assert pixels(document).dtype == np.uint8
    assert centre(document) == pytest.approx([200, 30, 60], abs=6)
    assert document.attributes == {"width": "40", "height": "20", "frames": "1"}
    assert document.pieces[0].place == Place()


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, [255, 255, 255]),
        ("L", 100, [100, 100, 100]),
        ("LA", (0, 0), [255, 255, 255]),
        ("RGBA", (255, 0, 0, 0), [255, 255, 255]),
        ("RGBA", (255, 0, 0, 128), [255, 127, 127]),
        ("P", 0, [0, 0, 0]),
        ("I;16", 0x8000, [128, 128, 128]),
    ],
)
def test_every_mode_ends_as_rgb_on_white_paper(mode: str, colour: Any, expected: list[int]) -> None:
    assert centre(read(Image.new(mode, (32, 32), colour))) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("side", [32, 2_000])
def test_transparent_pixels_do_not_bleed_when_shrunk(side: int) -> None:
    image = Image.new("RGBA", (side, side), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, side // 2, side))
    green_where_red = pixels(read(image))[:, :3, 1]
    assert green_where_red.max() < 40


def test_a_transparent_palette_entry_is_paper() -> None:
    image = Image.new("RGB", (32, 32), "red").quantize(4)
    assert centre(read(image)) == [255, 0, 0]
    assert centre(read(image, transparency=image.getpixel((0, 0)))) == [255, 255, 255]


def test_cmyk_is_read() -> None:
    assert centre(read(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG")) == pytest.approx([255, 0, 0], abs=4)


def test_float_pixels_are_stretched_from_black_to_white() -> None:
    ramp = np.linspace(-3.0, 5.0, 64, dtype=np.float32).reshape(1, 64).repeat(64, 0)
    result = pixels(read(Image.fromarray(ramp), "TIFF"))
    assert result[4, 0, 0] < 30
    assert result[4, -1, 0] > 225


def test_float_pixels_that_are_no_numbers_are_read() -> None:
    odd = np.array([[np.nan, np.inf], [-np.inf, 1.0]], np.float32).repeat(16, 0).repeat(16, 1)
    assert pixels(read(Image.fromarray(odd), "TIFF")).shape == (8, 8, 3)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_honoured(format: str, orientation: int) -> None:
    upright = Image.new("RGB", (64, 32), "blue")
    upright.paste("red", (0, 0, 32, 16))  # only the top left is red
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    stored = upright if undo is None else upright.transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[0x0112] = orientation
    document = read(stored, format, exif=exif)
    reds = pixels(document)[[1, 1, 6, 6], [1, 6, 1, 6]][:, 0] > 128
    assert reds.tolist() == [True, False, False, False]
    assert (document.attributes["width"], document.attributes["height"]) == ("64", "32")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_broken_exif_block_is_passed_over() -> None:
    assert centre(read(Image.new("RGB", (32, 32), "red"), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"))[0] > 200


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    document = read(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert document.attributes["frames"] == "3"
    assert centre(document) == [255, 0, 0]


def test_a_colour_profile_is_applied() -> None:
    exchanged = _profile_with_red_and_green_exchanged()
    assert centre(read(Image.new("RGB", (32, 32), (255, 0, 0)), icc_profile=exchanged))[1] > 200


def _profile_with_red_and_green_exchanged() -> bytes:
    """An sRGB profile under another name, whose first two primaries have changed places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"tmpT").replace(b"gXYZ", b"rXYZ").replace(b"tmpT", b"gXYZ")
    return swapped.replace(b"s\0R\0G\0B", b"o\0d\0d\0!").replace(b"sRGB", b"odd!")


@pytest.mark.parametrize("profile", [b"nonsense", ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()])
def test_a_profile_that_does_not_fit_is_left_out(profile: bytes) -> None:
    assert centre(read(Image.new("RGB", (32, 32), (255, 0, 0)), icc_profile=profile)) == [255, 0, 0]


@pytest.mark.parametrize(
    ("limits", "what"),
    [({"image_pixels": 500}, "32 x 16"), ({"image_side": 31}, "32 pixels"), ({"image_frames": 2}, "3 frames")],
)
def test_limits_are_settings(limits: dict[str, int], what: str) -> None:
    frames = [Image.new("RGB", (32, 16), colour) for colour in ("red", "green", "blue")]
    with pytest.raises(TooLarge, match=what):
        read(frames[0], "GIF", save_all=True, append_images=frames[1:], limits=Settings(**limits))


def test_a_damaged_picture_names_its_format_and_a_remedy() -> None:
    with pytest.raises(DamagedFile, match=r"not a whole PNG picture .*; open it in another program"):
        ImageReader().read(io.BytesIO(b"\x89PNG\r\n\x1a\n123"), "image/png", ReadRequest(), Settings())


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (20, 10)])
def test_the_preview_keeps_the_proportions_and_never_grows(size: tuple[int, int]) -> None:
    preview = read(Image.new("RGB", size, "red"), side=64).pieces[0].preview
    assert preview is not None
    scale = min(1.0, 64 / max(size))
    assert (preview.width, preview.height) == (round(size[0] * scale), round(size[1] * scale))
    with Image.open(io.BytesIO(preview.data)) as image:
        assert image.format == "JPEG"
        assert image.size == (preview.width, preview.height)


def test_a_preview_can_be_left_out() -> None:
    assert read(Image.new("RGB", (32, 32)), side=0).pieces[0].preview is None


def test_a_rendition_is_made_for_every_input() -> None:
    data = io.BytesIO()
    Image.new("RGB", (90, 30)).save(data, "PNG")
    inputs = (ImageInput(width=4, height=6), ImageInput(width=10, height=10, fit="crop"))
    document = ImageReader().read(data, "image/png", ReadRequest(image_inputs=inputs), Settings())
    assert [made.shape for made in document.pieces[0].renditions] == [(6, 4, 3), (10, 10, 3)]


def test_crop_fills_and_cuts_the_centre() -> None:
    image = Image.new("RGB", (90, 30), "red")
    image.paste("blue", (30, 0, 60, 30))
    result = rendition(image, ImageInput(width=10, height=10, fit="crop"))
    assert (result[..., 2] > 200).mean() > 0.75


@pytest.mark.parametrize("size", [(90, 30), (31, 47), (16, 16)])
@pytest.mark.parametrize("filter", ["bicubic", "bilinear"])
def test_crop_with_a_shorter_side_scales_first_and_then_cuts_whole_pixels(size: tuple[int, int], filter: Any) -> None:
    image = noise(size)
    width, height = (int(12 * side / min(size)) for side in size)
    scaled = image.resize((width, height), Image.Resampling[filter.upper()])
    left, top = (width - 10) // 2, (height - 10) // 2
    wanted = ImageInput(width=10, height=10, fit="crop", resample=filter, shorter=12)
    np.testing.assert_array_equal(rendition(image, wanted), np.asarray(scaled)[top : top + 10, left : left + 10])


def test_crop_with_a_shorter_side_that_does_not_reach_leaves_the_edge_black() -> None:
    result = rendition(Image.new("RGB", (8, 8), "red"), ImageInput(width=6, height=6, fit="crop", shorter=4))
    assert (result[0] == 0).all()
    assert (result[1:5, 1:5, 0] == 255).all()


def test_crop_with_a_shorter_side_never_holds_the_whole_of_a_thin_picture() -> None:
    wanted = ImageInput(width=64, height=64, fit="crop", shorter=64)
    assert rendition(Image.new("RGB", (30_000, 1), "red"), wanted).shape == (64, 64, 3)


def test_the_filter_is_the_one_that_is_named() -> None:
    image, size = noise((40, 40)), {"width": 8, "height": 8}
    made = [rendition(image, ImageInput(**size, resample=name)) for name in ("bicubic", "bilinear", "nearest")]
    assert not np.array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[2], np.asarray(image)[2::5, 2::5])


def noise(size: tuple[int, int]) -> Image.Image:
    return Image.fromarray(np.random.default_rng(4).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def test_pad_shows_all_and_fills_with_grey() -> None:
    result = rendition(Image.new("RGB", (90, 30), "red"), ImageInput(width=9, height=9, fit="pad"))
    assert (result[:3] == 128).all()
    assert (result[3:6, :, 0] == 255).all()


@pytest.mark.parametrize("size", [(30_000, 1), (1, 30_000)])
@pytest.mark.parametrize("fit", ["squash", "crop", "pad"])
def test_a_picture_as_thin_as_a_line_is_read(size: tuple[int, int], fit: Any) -> None:
    assert rendition(Image.new("RGB", size), ImageInput(width=8, height=8, fit=fit)).shape == (8, 8, 3)
    assert read(Image.new("RGB", size)).pieces[0].preview is not None


def test_shrinking_early_changes_no_rendition_by_much() -> None:
    chance = np.random.default_rng(1)
    coarse = Image.fromarray(chance.integers(0, 255, (12, 12, 3), dtype=np.uint8))
    large = coarse.resize((3_000, 3_000), Image.Resampling.BICUBIC)
    exact = np.asarray(large.resize((8, 8), Image.Resampling.BICUBIC)).astype(int)
    assert np.abs(pixels(read(large)).astype(int) - exact).mean() < 4


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}])
def test_the_webp_header_tells_the_size(options: dict[str, Any]) -> None:
    data = io.BytesIO()
    Image.new("RGB", (300, 7)).save(data, "WEBP", **options)
    assert webp_size(data.getvalue()[:30]) == (300, 7)


@pytest.mark.parametrize("head", [b"", b"RIFF....WEBPVP8X", b"RIFF....WEBPJUNK" + bytes(14)])
def test_a_webp_header_without_a_size_tells_none(head: bytes) -> None:
    assert webp_size(head) == (0, 0)
