"""A small labelled library of every kind of item, and questions of every kind that have an answer in it."""

from __future__ import annotations

import textwrap
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.judged.films import encode
from benchmarks.judged.listening import RATE as SAMPLES
from benchmarks.judged.listening import active, samples
from benchmarks.judged.material import Noise, Photo, Utterance, read_material
from benchmarks.judged.plan import Film, Heard, Shot
from benchmarks.judged.topics import Rest, Topic, read_topics

KINDS = ("text", "picture", "sound", "speech", "film", "page")
"""What is asked for."""

PHOTOS, SOUNDS, SENTENCES = 4, 4, 8
"""Of each topic so many photos and sounds are in the library; so many sentences are."""

ASKED_PHOTOS = 2
OTHER_PHOTOS, OTHER_SPEECH = 40, 24
"""So many of no topic are in the library besides."""

SHOWN = 3.0
"""Seconds that a film shows a photo."""

SHARE = 0.6
"""A spoken question is so much of a sentence that is in the library whole."""

PAGE = (827, 1169)
"""Pixels of an A4 page at 100 a inch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A file, or words, and what it is of: a topic, or a sentence."""

    label: str
    path: Path | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """items, questions: by kind. Items of no label have the label ""."""

    items: Mapping[str, tuple[Labelled, ...]]
    questions: Mapping[str, tuple[Labelled, ...]]


def lay_out(data: Path, work: Path) -> Gallery:
    """Writes what has to be made into `work`: texts, films, pages, spoken questions."""
    work.mkdir(parents=True, exist_ok=True)
    topics, rest = read_topics(data)
    speech = read_material(data).speech
    asked = [sentence for sentence in speech if sentence.form == "paraphrase"][:: max(1, 47 // SENTENCES)][:SENTENCES]
    others = [sentence for sentence in speech if sentence not in asked][:OTHER_SPEECH]
    made = _Made(work)
    return Gallery(items=_items(made, topics, rest, asked, others), questions=_questions(made, topics, asked))


def _items(
    made: _Made, topics: Sequence[Topic], rest: Rest, asked: Sequence[Utterance], others: Sequence[Utterance]
) -> dict[str, tuple[Labelled, ...]]:
    spoken = [(sentence, sentence.path.stem) for sentence in asked]
    return {
        "text": (
            *(made.text(topic.name, text) for topic in topics for text in topic.texts),
            *(made.text(label, sentence.query) for sentence, label in spoken),
        ),
        "picture": (
            *(Labelled(label=topic.name, path=path) for topic in topics for path, _ in topic.photos[:PHOTOS]),
            *(Labelled(label="", path=path) for path, _ in rest.photos[:OTHER_PHOTOS]),
        ),
        "sound": (
            *(Labelled(label=topic.name, path=path) for topic in topics for path in topic.sounds[:SOUNDS]),
            *(Labelled(label="", path=path) for path in rest.sounds),
        ),
        "speech": (
            *(Labelled(label=label, path=sentence.path) for sentence, label in spoken),
            *(Labelled(label="", path=sentence.path) for sentence in others),
        ),
        "film": (
            *(
                made.film(topic.name, "kept", _shown(topic, 0), Noise(path=topic.sounds[0], label=""))
                for topic in topics
            ),
            *(
                made.film(label, "kept", [path for path, _ in rest.photos[-1 - number : -3 - number : -1]], sentence)
                for number, (sentence, label) in enumerate(spoken)
            ),
        ),
        "page": (
            *(made.page(topic.name, "kept", topic.texts[0], _shown(topic, 1)) for topic in topics),
            *(made.page(label, "kept", sentence.query, []) for sentence, label in spoken),
        ),
    }


def _questions(made: _Made, topics: Sequence[Topic], asked: Sequence[Utterance]) -> dict[str, tuple[Labelled, ...]]:
    """None of them is an item of the library."""
    return {
        "text": (
            *(Labelled(label=topic.name, text=topic.phrase) for topic in topics),
            *(Labelled(label=sentence.path.stem, text=sentence.query) for sentence in asked),
        ),
        "picture": tuple(
            Labelled(label=topic.name, path=path)
            for topic in topics
            for path, _ in topic.photos[PHOTOS : PHOTOS + ASKED_PHOTOS]
        ),
        "sound": tuple(
            Labelled(label=topic.name, path=path) for topic in topics for path in topic.sounds[SOUNDS : SOUNDS + 2]
        ),
        "spoken question": tuple(made.half(sentence) for sentence in asked),
        "clip": tuple(
            made.film(topic.name, "asked", _shown(topic, 2), Noise(path=topic.sounds[-1], label="")) for topic in topics
        ),
        "page": tuple(made.page(topic.name, "asked", topic.texts[1], _shown(topic, 3)) for topic in topics),
    }


def _shown(topic: Topic, number: int) -> list[Path]:
    """Two photos for a film or a page: from the end, so that they are not among the pictures; fewer where few are."""
    spare = [path for path, _ in topic.photos[PHOTOS + ASKED_PHOTOS :]]
    return spare[2 * number : 2 * number + 2]


class _Made:
    """Writes files into a folder, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._texts = folder, 0

    def text(self, label: str, words: str) -> Labelled:
        self._texts += 1
        path = self._folder / f"text{self._texts:03}.txt"
        path.write_text(words + "\n", encoding="utf-8")
        return Labelled(label=label, path=path)

    def half(self, sentence: Utterance) -> Labelled:
        """The beginning of a sentence, as if somebody asked by it."""
        path = self._folder / f"{sentence.path.stem}.wav"
        sound = samples(sentence.path)
        sound = sound[: round(len(sound) * SHARE)]
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLES)
            file.writeframes((sound * 32_767).astype("<i2").tobytes())
        return Labelled(label=sentence.path.stem, path=path)

    def film(self, label: str, use: str, photos: Sequence[Path], sound: Noise | Utterance) -> Labelled:
        """Some photos, one after the other, with a sound; without photos the picture is black."""
        path = self._folder / f"{use}-{label}.mp4"
        if path.exists():
            return Labelled(label=label, path=path)
        first, last = active(sound.path)
        seconds = max(SHOWN * max(1, len(photos)), last - first + 1)
        each = round(seconds / max(1, len(photos)), 2)
        shots = [
            Shot(start=each * number, end=each * (number + 1), source=Photo(path=photo), fills=True)
            for number, photo in enumerate(photos)
        ]
        black = [Shot(start=0, end=each, source=None)]
        heard = Heard(start=0.5, end=0.5 + last - first, source=sound, offset=first)
        encode(Film(name=path.name, shots=tuple(shots or black), heard=(heard,), subtitles=()), path)
        return Labelled(label=label, path=path)

    def page(self, label: str, use: str, words: str, photos: Sequence[Path]) -> Labelled:
        """A scanned page: words, and a photo below them where there is one."""
        path = self._folder / f"{use}-{label}.pdf"
        page = Image.new("RGB", PAGE, "white")
        lines = "\n".join(textwrap.wrap(words, 52))
        ImageDraw.Draw(page).multiline_text((80, 90), lines, fill="black", font=ImageFont.load_default(26), spacing=12)
        for photo in photos[:1]:
            with Image.open(photo) as opened:
                page.paste(opened.convert("RGB").resize((640, 480), Image.Resampling.BICUBIC), (93, 420))
        page.save(path, resolution=100)
        return Labelled(label=label, path=path)


def chance(items: Sequence[Labelled], questions: Sequence[Labelled]) -> float:
    """How often the first of the items, in any order, would have the label of the question, 0..1.

    >>> items = [Labelled(label=label) for label in ("dog", "dog", "sea", "")]
    >>> chance(items, [Labelled(label="dog"), Labelled(label="sea")])
    0.375
    """
    shares = [sum(item.label == question.label for item in items) / len(items) for question in questions]
    return float(np.mean(shares))
