"""How much of the towers' speed is left when files are added: reading, storing and indexing should hide behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import sensorium
from benchmarks.measure import Figure, Options, in_turns
from sensorium import plugins
from sensorium.core.contents import Content, ImageInput
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder

GOAL = 0.85
BATCH = 32
MORE = 600
"""Pictures besides the demo media, so that the start and the end of the work weigh what they weigh in real folders."""


def measure(options: Options) -> list[Figure]:
    """`Library.add` of many files against the same encoder with their pixels and chunks in memory already."""
    kinds = (options.media / "pictures", options.media / "notes")
    media = sorted(path for kind in kinds for path in kind.rglob("*") if path.is_file())
    files = media[::8] if options.quick else [*media, *options.pictures[:MORE]]
    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load()
    encoder.verify()
    contents = _contents(files, encoder, options.scratch / "first.library")
    libraries = (_fresh(options.scratch, files[:1]) for _ in range(100))

    def add() -> None:
        with next(libraries) as library:
            library.add(*files)

    def towers() -> None:
        for modality, batch in contents:
            encoder.encode(modality, batch, "piece")

    product, yardstick = in_turns(add, towers, rounds=options.rounds(3))
    share = yardstick.median / product.median
    return [
        Figure(
            subject=f"adding {len(files)} files",
            product=f"{product}, {len(files) / product.median:.1f} files/s",
            yardstick=f"the towers alone: {yardstick}",
            ratio=f"{100 * share:.0f} % of their speed",
            goal=f">= {100 * GOAL:.0f} %",
            met=share >= GOAL,
        )
    ]


def _contents(files: Sequence[Path], encoder: Encoder, place: Path) -> list[tuple[Modality, list[Content]]]:
    """What the encoder is given when these files are added, in the batches it is given."""
    assert encoder.image_input is not None
    texts: list[Content] = []
    pictures: list[Content] = []
    with sensorium.open(place) as library:
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


def _fresh(scratch: Path, warm: Sequence[Path]) -> sensorium.Library:
    """An empty library whose towers and reading process have started."""
    place = scratch / f"{len(list(scratch.iterdir()))}.library"
    library = sensorium.open(place)
    for line in library.add(*warm):
        library.forget(line.source)
    library.search("warm")
    return library
