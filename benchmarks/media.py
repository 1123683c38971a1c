"""Films, recordings and documents: how much of the speed of the same libraries and models, called bare, is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import QUIET, Figure, Options, fresh, in_turns
from sensorium import plugins
from sensorium.core.contents import Content
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, SoundEncoder
from sensorium.core.settings import Settings

GOAL = 0.8
TEXT = "what a page says in about as many words as a chunk of it has, " * 10
BATCH = 32


def measure(options: Options) -> list[Figure]:
    """Each kind of file from the demo media, added to an empty library, against decoding and towers alone."""
    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load()
    encoder.verify()
    films = [options.media / "films" / name for name in ("moonwalk-astronaut.mp4", "bottles-on-conveyor.mp4")]
    documents = [options.media / "documents" / name for name in ("cdc-mmwr-housing-2011.pdf", "jfk-inaugural-1961.pdf")]
    sounds = sorted((options.media / "sounds").glob("*.ogg")) + sorted((options.media / "speech").glob("*.ogg"))
    figures = [
        _figure(options, "film", films, _film(films, encoder), _seconds(films), "minutes of film a minute"),
        _figure(options, "pages", documents, _pages(documents, encoder), 9.0, "pages/s"),
    ]
    if isinstance(encoder, SoundEncoder) and encoder.audio_input is not None:
        bare = _sound(sounds, encoder)
        figures.append(_figure(options, "sound", sounds, bare, _seconds(sounds), "hours of sound an hour"))
    if plugins.load("sensorium.perceivers", "speech").load(Settings()) is not None:
        figures.append(_speech(options, sorted((options.media / "speech").glob("*.ogg"))))
    return figures


def _figure(  # noqa: PLR0913 - one row of the table
    options: Options,
    what: str,
    files: Sequence[Path],
    bare: Callable[[], None],
    amount: float,
    unit: str,
    settings: Settings = QUIET,
) -> Figure:
    libraries = (fresh(options.scratch, files[0], settings) for _ in range(100))

    def add() -> None:
        with next(libraries) as library:
            library.add(*files)

    product, yardstick = in_turns(add, bare, rounds=options.rounds(3))
    share = yardstick.median / product.median
    return Figure(
        subject=f"adding {what}, {len(files)} files",
        product=f"{product}, {amount / product.median:.1f} {unit}",
        yardstick=f"decoding and towers alone: {yardstick}",
        ratio=f"{100 * share:.0f} % of their speed",
        goal=f">= {100 * GOAL:.0f} %",
        met=share >= GOAL,
    )


def _film(files: Sequence[Path], encoder: Encoder) -> Callable[[], None]:
    """Every frame decoded; four of them a shot, about as many as the product keeps, through the tower."""

    def bare() -> None:
        for file in files:
            frames = [frame.to_ndarray(format="rgb24") for frame in _decoded(file)]
            encoder.encode(Modality.IMAGE, [_fitted(frames[n * len(frames) // 4], encoder) for n in range(4)], "piece")

    return bare


def _pages(files: Sequence[Path], encoder: Encoder) -> Callable[[], None]:
    """The text of every page, and its look at the side of a preview; eight chunks and a picture through the towers."""
    import pypdfium2

    def bare() -> None:
        for file in files:
            for page in pypdfium2.PdfDocument(file):
                page.get_textpage().get_text_bounded()
                picture = page.render(scale=2.0).to_numpy()[:, :, :3]
                encoder.encode(Modality.IMAGE, [_fitted(picture, encoder)], "piece")
                encoder.encode(Modality.TEXT, [TEXT] * 8, "piece")

    return bare


def _sound(files: Sequence[Path], encoder: SoundEncoder) -> Callable[[], None]:
    wanted = encoder.audio_input
    assert wanted is not None

    def bare() -> None:
        windows: list[Content] = []
        for file in files:
            samples = _samples(file, wanted.rate)
            step = round(wanted.hop * wanted.rate)
            windows += [samples[at : at + wanted.most_samples] for at in range(0, max(1, len(samples) - step), step)]
        for start in range(0, len(windows), BATCH):
            encoder.encode(Modality.AUDIO, windows[start : start + BATCH], "piece")

    return bare


def _speech(options: Options, files: Sequence[Path]) -> Figure:
    from sensorium.perception.speech_engine import WhisperRecogniser
    from sensorium.perception.speech_models import locate

    recogniser = WhisperRecogniser.load(locate())

    def bare() -> None:
        for file in files:
            recogniser.listen(_samples(file, 16_000))

    heard = replace(QUIET, speech=1)
    return _figure(options, "speech", files, bare, _seconds(files), "hours of speech an hour", heard)


def _decoded(file: Path) -> list[Any]:
    import av

    with av.open(str(file)) as media:
        return list(media.decode(video=0))


def _samples(file: Path, rate: int) -> np.ndarray:
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(str(file)) as media:
        found = [part.to_ndarray()[0] for frame in media.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(found)


def _seconds(files: Sequence[Path]) -> float:
    import av

    total = 0.0
    for file in files:
        with av.open(str(file)) as media:
            total += float(media.duration or 0) / 1e6
    return total


def _fitted(picture: np.ndarray, encoder: Encoder) -> np.ndarray:
    from PIL import Image

    assert encoder.image_input is not None
    side = encoder.image_input.width, encoder.image_input.height
    return np.asarray(Image.fromarray(picture).resize(side))
