"""What films are built of: photos, clips, spoken sentences, sounds, words to write. Nothing is decoded here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.evaluation.tables import Row, read_rows

HERE = Path(__file__).resolve().parent
DEV_FOLD = "4"
"""The fold of ESC-10 that nothing is trained on."""

SPEECH = ("librispeech", "ljspeech")
"""The sets of spoken sentences that are asked for."""

LEAST_SPEECH = 4.0
"""Seconds: shorter utterances say too little to be asked for."""

EXTRACT_WORDS = 6

STANDING_OUT = 0.12
"""About half of the photos have a caption that stands out so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo that has captions."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A stretch of a film. start, seconds: of media time. query: what shows it, in other words."""

    path: Path
    start: float
    seconds: float
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """form: "paraphrase" where the query was written by hand, "extract" where it is a run of the spoken words."""

    path: Path
    query: str
    form: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """A recording of a class of sounds."""

    path: Path
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words to show, and the query for them. kind: "subtitle" or "writing"."""

    kind: str
    text: str
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything, in the order of the tables. phrases: for each class of sounds what it is asked by.

    recordings: further sounds of each class, to ask with.
    """

    photos: tuple[Photo, ...]
    clips: tuple[Clip, ...]
    speech: tuple[Utterance, ...]
    noises: tuple[Noise, ...]
    words: tuple[Words, ...]
    phrases: Mapping[str, tuple[str, ...]]
    recordings: Mapping[str, tuple[Path, ...]]


def read_material(data: Path) -> Material:
    """The material in a folder with `flickr8k`, `video`, `speech` and `esc10`, as their tables describe it."""
    return Material(
        photos=tuple(_photos(data / "flickr8k")),
        clips=tuple(
            Clip(
                path=row.file("file", data / "video"),
                start=float(row["start"]),
                seconds=float(row["seconds"]),
                query=row.filled("query"),
            )
            for row in read_rows(HERE / "clips.tsv", ("file", "start", "seconds", "query"))
        ),
        speech=tuple(_speech(data / "speech")),
        noises=tuple(
            Noise(path=row.file("file", data / "esc10"), label=row["class"])
            for row in _sounds(data)
            if row["fold"] == DEV_FOLD
        ),
        words=tuple(
            Words(kind=row.filled("kind"), text=row.filled("text"), query=row.filled("query"))
            for row in read_rows(HERE / "writing.tsv", ("kind", "text", "query"))
        ),
        phrases=phrases(),
        recordings=_recordings(data),
    )


def phrases() -> dict[str, tuple[str, ...]]:
    """For each class of sounds what it is asked by."""
    asked: dict[str, tuple[str, ...]] = {}
    for row in read_rows(HERE / "sounds.tsv", ("class", "query")):
        asked[row["class"]] = (*asked.get(row["class"], ()), row.filled("query"))
    return asked


def captions_of(folder: Path) -> dict[str, tuple[str, ...]]:
    """The captions of each dev photo, by the name of its file."""
    captions: dict[str, tuple[str, ...]] = {}
    for row in read_rows(folder / "captions_dev.tsv", ("image", "caption")):
        captions[row["image"]] = (*captions.get(row["image"], ()), row["caption"].removesuffix(" ."))
    return captions


def distinctive(captions: Mapping[str, Sequence[str]], least: float = STANDING_OUT) -> dict[str, str]:
    """For each picture the caption that is nearer to its other captions than to those of any other picture.

    Nearness is the cosine of bags of words weighted by how rare they are (Spärck Jones 1972, Journal of Documentation
    28(1)). Of several such captions the one that stands out most is taken; a picture without one, or with one that does
    not stand out by `least`, is left out: its caption may well fit another picture.

    >>> dogs = {"a": ["a black dog", "dog in black"], "b": ["a red kite", "kite up high"]}
    >>> distinctive(dogs)
    {'a': 'dog in black', 'b': 'kite up high'}
    """
    names, texts = list(captions), [text for own in captions.values() for text in own]
    owner = np.repeat(np.arange(len(names)), [len(own) for own in captions.values()])
    vectors = _weighted(texts, owner)
    nearness = vectors @ vectors.T
    np.fill_diagonal(nearness, 0.0)
    totals = np.stack([nearness[:, owner == number].sum(axis=1) for number in range(len(names))], axis=1)
    counts = np.bincount(owner)[np.newaxis, :] - (owner[:, np.newaxis] == np.arange(len(names)))
    means = totals / np.maximum(1, counts)
    own = means[np.arange(len(texts)), owner].copy()
    means[np.arange(len(texts)), owner] = -1.0
    standing_out = own - means.max(axis=1)
    chosen = {}
    for number, name in enumerate(names):
        mine = np.flatnonzero(owner == number)
        best = int(mine[standing_out[mine].argmax()])
        if standing_out[best] >= least:
            chosen[name] = texts[best]
    return chosen


def _weighted(texts: Sequence[str], owner: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Bags of words as unit rows; a word weighs by how few pictures it is told of."""
    bags = [Counter(text.lower().split()) for text in texts]
    spread: dict[str, set[int]] = {}
    for bag, number in zip(bags, owner.tolist(), strict=True):
        for word in bag:
            spread.setdefault(word, set()).add(number)
    place = {word: column for column, word in enumerate(spread)}
    pictures = len(set(owner.tolist()))
    vectors = np.zeros((len(texts), len(place)))
    for row, bag in enumerate(bags):
        for word in bag:
            vectors[row, place[word]] = math.log((1 + pictures) / len(spread[word]))
    vectors /= np.maximum(1e-12, np.linalg.norm(vectors, axis=1, keepdims=True))
    return vectors


def extract(text: str, words: int = EXTRACT_WORDS) -> str:
    """A run of words from the middle of a sentence.

    >>> extract("one two three four five six seven eight", 4)
    'three four five six'
    """
    spoken = text.split()
    first = max(0, (len(spoken) - words) // 2)
    return " ".join(spoken[first : first + words])


def _photos(folder: Path) -> Iterator[Photo]:
    for name in captions_of(folder):
        yield Photo(path=folder / "images" / name)


def _speech(folder: Path) -> Iterator[Utterance]:
    written = {row["file"]: row.filled("query") for row in read_rows(HERE / "speech.tsv", ("file", "query"))}
    for row in read_rows(folder / "meta.tsv", ("file", "set", "seconds", "text")):
        if row["file"] in written:
            yield Utterance(path=row.file("file", folder), query=written[row["file"]], form="paraphrase")
        elif row["set"].startswith(SPEECH) and float(row["seconds"]) >= LEAST_SPEECH:
            yield Utterance(path=row.file("file", folder), query=extract(row["text"]), form="extract")


def _sounds(data: Path) -> Iterator[Row]:
    return read_rows(data / "esc10" / "meta.tsv", ("file", "fold", "class"))


def _recordings(data: Path) -> dict[str, tuple[Path, ...]]:
    """Of every other fold the first recording of each class."""
    found: dict[str, dict[str, Path]] = {}
    for row in _sounds(data):
        if row["fold"] != DEV_FOLD:
            found.setdefault(row["class"], {}).setdefault(row["fold"], row.file("file", data / "esc10"))
    return {label: tuple(own.values()) for label, own in found.items()}
