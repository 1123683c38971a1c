"""The frames of judged films: photos with a mild zoom, clips, cards with words. uint8 [HEIGHT, WIDTH, 3]."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from benchmarks.judged.material import Clip, Photo
from benchmarks.judged.plan import RATE, Shot

WIDTH, HEIGHT = 640, 360
PHOTO = (480, 360)
"""The photos were squashed to a square; most of them were as 4 to 3."""

CARDS = ((28, 34, 48), (70, 22, 26), (16, 60, 52), (222, 214, 196))
LETTERS = 30
STILL_WIDTH, STILL_EDGE, STILL_QUALITY = 320, 0.08, 70
"""A still that is asked with is smaller, loses this share at each edge, and is compressed anew."""

Frame = npt.NDArray[np.uint8]


def frames_of(shot: Shot) -> Iterator[Frame]:
    """Every frame of a shot."""
    count = round((shot.end - shot.start) * RATE)
    if isinstance(shot.source, Clip):
        pictures = _clip(shot.source, count)
    elif isinstance(shot.source, Photo):
        pictures = _photo(shot, shot.source, count)
    else:
        pictures = iter([_card(shot)] * count)
    for picture in pictures:
        if shot.words is not None and shot.source is not None:
            picture = _with_band(picture, shot.words.text)
        yield np.asarray(picture, dtype=np.uint8)


def still(source: Photo | Clip) -> Image.Image:
    """A picture to ask with: of a clip the frame in its middle."""
    if isinstance(source, Photo):
        with Image.open(source.path) as opened:
            picture = opened.convert("RGB").resize(PHOTO, Image.Resampling.BICUBIC)
    else:
        count = max(1, round(source.seconds * RATE))
        picture = list(_clip(source, count))[count // 2]
    left, top = round(picture.width * STILL_EDGE), round(picture.height * STILL_EDGE)
    cut = picture.crop((left, top, picture.width - left, picture.height - top))
    return cut.resize((STILL_WIDTH, round(STILL_WIDTH * cut.height / cut.width)), Image.Resampling.BICUBIC)


def _photo(shot: Shot, photo: Photo, count: int) -> Iterator[Image.Image]:
    with Image.open(photo.path) as opened:
        picture = opened.convert("RGB")
    if shot.fills:
        height = WIDTH * PHOTO[1] // PHOTO[0]
        whole = picture.resize((WIDTH, height), Image.Resampling.BICUBIC)
        whole = whole.crop((0, (height - HEIGHT) // 2, WIDTH, (height + HEIGHT) // 2))
    else:
        whole = Image.new("RGB", (WIDTH, HEIGHT))
        whole.paste(picture.resize(PHOTO, Image.Resampling.BICUBIC), ((WIDTH - PHOTO[0]) // 2, 0))
    for number in range(count):
        yield _zoomed(whole, shot.zoom, number / max(1, count - 1)) if shot.zoom else whole


def _zoomed(whole: Image.Image, zoom: float, progress: float) -> Image.Image:
    """Below 0 it starts near and draws back."""
    share = abs(zoom) * (progress if zoom > 0 else 1 - progress) / 2
    box = (WIDTH * share, HEIGHT * share, WIDTH * (1 - share), HEIGHT * (1 - share))
    return whole.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)


def _clip(clip: Clip, count: int) -> Iterator[Image.Image]:
    """So many frames from its start on; the last one stands where the file ends too early."""
    shown: Image.Image | None = None
    given = 0
    for seconds, picture in _decoded(clip.path, clip.start):
        while shown is not None and given < count and given / RATE < seconds - clip.start - 1e-6:
            yield shown
            given += 1
        if given >= count:
            return
        shown = picture
    assert shown is not None, f"{clip.path.name} has no frame after {clip.start} s"
    for _ in range(given, count):
        yield shown


def _decoded(path: Path, start: float) -> Iterator[tuple[float, Image.Image]]:
    with path.open("rb") as stream, av.open(stream) as container:
        for frame in container.decode(container.streams.video[0]):
            if frame.time is not None and frame.time >= start - 1 / RATE:
                yield frame.time, _boxed(frame.to_image())


def _boxed(picture: Image.Image) -> Image.Image:
    """Whole, on black."""
    scale = min(WIDTH / picture.width, HEIGHT / picture.height)
    size = (round(picture.width * scale), round(picture.height * scale))
    boxed = Image.new("RGB", (WIDTH, HEIGHT))
    boxed.paste(
        picture.convert("RGB").resize(size, Image.Resampling.BILINEAR),
        ((WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2),
    )
    return boxed


def _card(shot: Shot) -> Image.Image:
    """Its words on a plain ground; black where it has none."""
    if shot.words is None:
        return Image.new("RGB", (WIDTH, HEIGHT))
    ground = CARDS[len(shot.words.text) % len(CARDS)]
    card = Image.new("RGB", (WIDTH, HEIGHT), ground)
    _write(card, shot.words.text, HEIGHT / 2, "black" if sum(ground) > 384 else "white")
    return card


def _with_band(picture: Image.Image, text: str) -> Image.Image:
    """White on a dark band in the lower third."""
    picture = picture.copy()
    ImageDraw.Draw(picture).rectangle((0, HEIGHT * 0.74, WIDTH, HEIGHT * 0.90), fill=(20, 20, 24))
    _write(picture, text, HEIGHT * 0.82, "white")
    return picture


def _write(picture: Image.Image, text: str, middle: float, colour: str) -> None:
    """In one line, as large as it goes."""
    draw, size = ImageDraw.Draw(picture), LETTERS
    while draw.textlength(text, font=ImageFont.load_default(size)) > WIDTH * 0.92:
        size -= 1
    draw.text((WIDTH / 2, middle), text, fill=colour, font=ImageFont.load_default(size), anchor="mm")
