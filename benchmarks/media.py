"""Films, recordings and documents: how much of the speed of the same libraries and models, called bare, is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import sensorium
from benchmarks.measure import QUIET, Figure, Fresh, Options, in_turns
from sensorium import plugins
from sensorium.core.contents import Content
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, SoundEncoder
from sensorium.core.settings import Settings
from sensorium.readers.media.windows import cut_windows

GOAL = 0.8
BATCH = 32


def measure(options: Options) -> list[Figure]:
    """Each kind of file from the demo media, added to an empty library, against decoding and models alone.

    The models are given the very texts and windows of sound that the product gives them.
    """
    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load()
    encoder.verify()
    films = [options.media / "films" / name for name in ("moonwalk-astronaut.mp4", "bottles-on-conveyor.mp4")]
    documents = [options.media / "documents" / name for name in ("cdc-mmwr-housing-2011.pdf", "jfk-inaugural-1961.pdf")]
    speech = sorted((options.media / "speech").glob("*.ogg"))
    sounds = [*sorted((options.media / "sounds").glob("*.ogg")), *speech]
    texts = _texts(options.scratch / "documents", documents, QUIET)
    figures = [
        _figure(options, "film", films, _film(films, encoder), _seconds(films), "minutes of film a minute"),
        _figure(options, "pages", documents, _pages(documents, texts, encoder), 9.0, "pages/s"),
    ]
    if isinstance(encoder, SoundEncoder) and encoder.audio_input is not None:
        bare = _sound(sounds, encoder)
        figures.append(_figure(options, "sound", sounds, bare, _seconds(sounds), "hours of sound an hour"))
        if plugins.load("sensorium.perceivers", "speech").load(Settings()) is not None:
            figures.append(_speech(options, speech, encoder))
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
    fresh = Fresh(options.scratch, files[0], settings)
    product, yardstick = in_turns(lambda: fresh.add(files), bare, rounds=options.rounds(3), before=fresh.begin)
    fresh.end()
    share = yardstick.median / product.median
    return Figure(
        subject=f"adding {what}, {len(files)} files",
        product=f"{product}, {amount / product.median:.1f} {unit}",
        yardstick=f"decoding and models alone: {yardstick}",
        ratio=f"{100 * share:.0f} % of their speed",
        goal=f">= {100 * GOAL:.0f} %",
        met=share >= GOAL,
    )


def _texts(place: Path, files: Sequence[Path], settings: Settings) -> list[Content]:
    """The texts of the pieces that these files become."""
    with sensorium.open(place, settings=settings) as library:
        shown = [library.show(line.item_id or line.source) for line in library.add(*files)]
        return [piece.text for view in shown for piece in view.pieces if piece.text is not None]


def _film(files: Sequence[Path], encoder: Encoder) -> Callable[[], None]:
    """Every frame decoded; four of them a shot, about as many as the product keeps, through the tower."""

    def bare() -> None:
        for file in files:
            frames = [frame.to_ndarray(format="rgb24") for frame in _decoded(file)]
            encoder.encode(Modality.IMAGE, [_fitted(frames[n * len(frames) // 4], encoder) for n in range(4)], "piece")

    return bare


def _pages(files: Sequence[Path], texts: Sequence[Content], encoder: Encoder) -> Callable[[], None]:
    """The text of every page, and its look at the side of a preview; the texts of all pieces, and a picture a page."""
    import pypdfium2

    def bare() -> None:
        looks: list[Content] = []
        for file in files:
            for page in pypdfium2.PdfDocument(file):
                page.get_textpage().get_text_bounded()
                looks.append(_fitted(page.render(scale=2.0).to_numpy()[:, :, :3], encoder))
        encoder.encode(Modality.IMAGE, looks, "piece")
        _encode(encoder, Modality.TEXT, texts)

    return bare


def _sound(files: Sequence[Path], encoder: SoundEncoder) -> Callable[[], None]:
    wanted = encoder.audio_input
    assert wanted is not None

    def bare() -> None:
        windows: list[Content] = []
        for file in files:
            samples = _samples(file, wanted.rate)
            stop = len(samples) / wanted.rate
            cut = cut_windows({wanted.rate: samples}, [wanted], start=0.0, stop=stop)
            windows += [window.samples[0] for window in cut]
        _encode(encoder, Modality.AUDIO, windows)

    return bare


def _speech(options: Options, files: Sequence[Path], encoder: SoundEncoder) -> Figure:
    """What is said, and by which voice; what is heard besides; the texts of what is said."""
    from sensorium.perception.speakers import SpeakerEncoder
    from sensorium.perception.speech_engine import WhisperRecogniser
    from sensorium.perception.speech_models import locate

    heard = replace(QUIET, speech=1)
    recogniser, speakers = WhisperRecogniser.load(locate()), SpeakerEncoder.load()
    sound, texts = _sound(files, encoder), _texts(options.scratch / "speech", files, heard)

    def bare() -> None:
        for file in files:
            samples = _samples(file, 16_000)
            speakers.voice(samples, [said.seconds for said in recogniser.listen(samples)])
        sound()
        _encode(encoder, Modality.TEXT, texts)

    return _figure(options, "speech", files, bare, _seconds(files), "hours of speech an hour", heard)


def _encode(encoder: Encoder, modality: Modality, contents: Sequence[Content]) -> None:
    for start in range(0, len(contents), BATCH):
        encoder.encode(modality, contents[start : start + BATCH], "piece")


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
