"""How much of the towers' speed is left when files are added: reading, storing and indexing should hide behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import sensorium
from benchmarks.measure import QUIET, Figure, Fresh, Options, in_turns
from sensorium import plugins
from sensorium.core.contents import Content, ImageInput, Pixels
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.settings import Settings
from sensorium.perception import writing
from sensorium.perception.writing import WritingRecogniser

GOAL = 0.85
BATCH = 32
READING = Settings.from_environment({"SENSORIUM_SPEECH": "0"})
MORE = 600
"""Pictures besides the demo media, so that the start and the end of the work weigh what they weigh in real folders."""


def measure(options: Options) -> list[Figure]:
    """`Library.add` of many files against the same encoder with their pixels and chunks in memory already.

    Then the same with the writing in pictures read too, against towers and recogniser, one after the other.
    """
    kinds = (options.media / "pictures", options.media / "notes")
    media = sorted(path for kind in kinds for path in kind.rglob("*") if path.is_file())
    files = media[::8] if options.quick else [*media, *options.pictures[:MORE]]
    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load()
    encoder.verify()
    contents = _contents(files, encoder, options.scratch / "first.library")

    def towers() -> None:
        for modality, batch in contents:
            encoder.encode(modality, batch, "piece")

    figures = [_figure(options, files, QUIET, "adding {} files, no writing read", towers, "the towers alone")]
    if writing.available() is None:
        pictures = [path for path in files if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")]
        with WritingRecogniser.load() as recogniser:

            def both() -> None:
                towers()
                for path in pictures:
                    recogniser.read(_scan(path, READING.writing_side))

            bare = "towers, then what reads writing"
            figures.append(_figure(options, files, READING, "adding {} files, writing read", both, bare))
    return figures


def _figure(
    options: Options, files: Sequence[Path], settings: Settings, subject: str, bare: Callable[[], None], name: str
) -> Figure:
    fresh = Fresh(options.scratch, files[0], settings)
    product, yardstick = in_turns(lambda: fresh.add(files), bare, rounds=options.rounds(3), before=fresh.begin)
    fresh.end()
    share = yardstick.median / product.median
    return Figure(
        subject=subject.format(len(files)),
        product=f"{product}, {len(files) / product.median:.1f} files/s",
        yardstick=f"{name}: {yardstick}",
        ratio=f"{100 * share:.0f} % of their speed",
        goal=f">= {100 * GOAL:.0f} %",
        met=share >= GOAL,
    )


def _contents(files: Sequence[Path], encoder: Encoder, place: Path) -> list[tuple[Modality, list[Content]]]:
    """What the encoder is given when these files are added, in the batches it is given."""
    assert encoder.image_input is not None
    texts: list[Content] = []
    pictures: list[Content] = []
    with sensorium.open(place, settings=QUIET) as library:
        for line in library.add(*files):
            pieces = library.show(line.item_id or line.source).pieces
            texts += [piece.text for piece in pieces if piece.text is not None]
            if pieces[0].modality is Modality.IMAGE:
                pictures.append(_pixels(Path(line.source), encoder.image_input))
    kinds = ((Modality.IMAGE, pictures), (Modality.TEXT, texts))
    return [(kind, all_[start : start + BATCH]) for kind, all_ in kinds for start in range(0, len(all_), BATCH)]


def _pixels(path: Path, wanted: ImageInput) -> Content:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((wanted.width, wanted.height)))


def _scan(path: Path, side: int) -> Pixels:
    """The picture as the recogniser gets it."""
    with Image.open(path) as picture:
        picture.thumbnail((side, side))
        return np.asarray(picture.convert("RGB"))
