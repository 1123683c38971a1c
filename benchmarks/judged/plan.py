"""The plan of the judged films: what is seen, heard and read when, and what is asked. The same seed, the same plan."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from benchmarks.judged.material import Clip, Material, Noise, Photo, Utterance, Words
from sensorium.evaluation.moments import Moment

Thing = TypeVar("Thing")

FILMS = 20
RATE = 25
"""Frames a second: everything seen starts and ends on one of them."""

PHOTOS = (9, 24)
"""Fewest and most photos of a film."""

PHOTO_SECONDS = (3.0, 6.0)
WRITTEN_SECONDS = (3.0, 4.5)
GAP_SECONDS = (1.5, 4.0)
SUBTITLED = 6
"""How many of the films have subtitles."""

CONTAINERS = ("mp4", "mp4", "mkv", "mp4", "webm")
SHORTEST, LONGEST = 60.0, 240.0
"""Seconds: what a film takes at least, and at most."""
STILLS = 3
"""In each film so many photos are asked for by a picture."""

CAPTIONS = 5
"""In each film so many photos are asked for by a caption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """What is seen between two cuts. source: None for a card with nothing but words.

    zoom: how much the picture grows (or, below 0, shrinks) while it is shown. fills: whether a photo fills the frame
    and loses its top and bottom, or is shown whole between black bars. words: what is written over it.
    """

    start: float
    end: float
    source: Photo | Clip | None
    zoom: float = 0.0
    fills: bool = False
    words: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A sound that is laid under the film. offset: where in its file it begins to be heard; the rest is silent."""

    start: float
    end: float
    source: Utterance | Noise
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtitle:
    """A line of the embedded text stream."""

    start: float
    end: float
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """One film. name: of its file."""

    name: str
    shots: tuple[Shot, ...]
    heard: tuple[Heard, ...]
    subtitles: tuple[Subtitle, ...]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.shots[-1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked. form: "caption", "still", "description", "paraphrase", "extract", "phrase", "recording" or
    "line". text: the words of it, "" where it is asked with a file. right: every moment that answers it.

    source: what a still is taken of, or the recording that is asked with.
    """

    id: str
    kind: str
    form: str
    text: str
    right: tuple[Moment, ...]
    source: Photo | Clip | Path | None = None


Active = Callable[[Path], tuple[float, float]]
"""When in a sound file something is heard first and last, in seconds."""


def plan(material: Material, active: Active, seed: int = 0) -> tuple[Film, ...]:
    """The films. Every photo, clip, sentence, sound and line is in one film, once."""
    chance = random.Random(seed)
    photos = _shuffled(material.photos, chance)
    counts = [chance.randint(*PHOTOS) for _ in range(FILMS)]
    clips = _dealt(material.clips, FILMS, chance)
    cards = _dealt([words for words in material.words if words.kind == "writing"], FILMS, chance)
    sources: list[Utterance | Noise] = [*material.speech, *material.noises]
    heard = _dealt_by(sources, counts, chance)
    lines = _dealt([words for words in material.words if words.kind == "subtitle"], SUBTITLED, chance)
    films = []
    for number in range(FILMS):
        sounds = _laid(heard[number], active, chance)
        least = max(SHORTEST, max((sound.end for sound in sounds), default=0.0) + 1.0)
        shots = _shots(photos, counts[number], clips[number], cards[number], least, chance)
        own = lines[number] if number < SUBTITLED else ()
        container = CONTAINERS[number % len(CONTAINERS)]
        film = Film(
            name=f"film{number:02}.{container}",
            shots=shots,
            heard=sounds,
            subtitles=_subtitles(own, shots[-1].end, chance),
        )
        if film.seconds > LONGEST:
            raise ValueError(f"{film.name} takes {film.seconds:.0f} s, more than {LONGEST:.0f}")
        films.append(film)
    return tuple(films)


def queries(films: Sequence[Film], material: Material, captions: Mapping[str, str], seed: int = 0) -> tuple[Query, ...]:
    """What is asked of the films. captions: for a photo, by the name of its file, the caption that is its own."""
    chance = random.Random(seed)
    asked: list[Query] = []
    for film in films:
        asked.extend(_seen(film, captions, chance))
        asked.extend(_said(film))
        asked.extend(_read(film))
    asked.extend(_sounded(films, material))
    numbers: dict[str, int] = {}
    named = []
    for query in asked:
        numbers[query.kind] = numbers.get(query.kind, 0) + 1
        named.append(replace(query, id=f"{query.kind}{numbers[query.kind]:03}"))
    return tuple(named)


def frames(seconds: float) -> float:
    """The nearest time at which a frame starts.

    >>> frames(1.03)
    1.04
    """
    return round(seconds * RATE) / RATE


def _seen(film: Film, captions: Mapping[str, str], chance: random.Random) -> list[Query]:
    asked = []
    shown = [shot for shot in film.shots if isinstance(shot.source, Photo) and not shot.words]
    chance.shuffle(shown)
    told = [shot for shot in shown if isinstance(shot.source, Photo) and shot.source.path.name in captions]
    for shot in told[:CAPTIONS]:
        assert isinstance(shot.source, Photo)
        asked.append(_query("frame", "caption", captions[shot.source.path.name], film, shot))
    for shot in [shot for shot in shown if shot not in told[:CAPTIONS]][:STILLS]:
        asked.append(replace(_query("frame", "still", "", film, shot), source=shot.source))
    for shot in film.shots:
        if isinstance(shot.source, Clip):
            asked.append(_query("frame", "description", shot.source.query, film, shot))
            asked.append(replace(_query("frame", "still", "", film, shot), source=shot.source))
    return asked


def _said(film: Film) -> list[Query]:
    return [
        _query("speech", sound.source.form, sound.source.query, film, sound)
        for sound in film.heard
        if isinstance(sound.source, Utterance)
    ]


def _read(film: Film) -> list[Query]:
    lines = [_query("subtitle", "line", line.words.query, film, line) for line in film.subtitles]
    return lines + [_query("writing", "line", shot.words.query, film, shot) for shot in film.shots if shot.words]


def _sounded(films: Sequence[Film], material: Material) -> list[Query]:
    asked = []
    for label, phrases in material.phrases.items():
        right = tuple(
            Moment(film=film.name, start=sound.start, end=sound.end)
            for film in films
            for sound in film.heard
            if isinstance(sound.source, Noise) and sound.source.label == label
        )
        asked += [Query(id="", kind="sound", form="phrase", text=text, right=right) for text in phrases]
        asked += [
            Query(id="", kind="sound", form="recording", text="", right=right, source=path)
            for path in material.recordings[label]
        ]
    return asked


def _query(kind: str, form: str, text: str, film: Film, place: Shot | Heard | Subtitle) -> Query:
    return Query(
        id="", kind=kind, form=form, text=text, right=(Moment(film=film.name, start=place.start, end=place.end),)
    )


def _laid(sources: Sequence[Utterance | Noise], active: Active, chance: random.Random) -> tuple[Heard, ...]:
    """One after the other, with silence between them."""
    laid, clock = [], 0.0
    for source in sources:
        clock = frames(clock + chance.uniform(*GAP_SECONDS))
        first, last = active(source.path)
        end = round(clock + last - first, 3)
        laid.append(Heard(start=clock, end=end, source=source, offset=first))
        clock = end
    return tuple(laid)


def _shots(
    photos: list[Photo],
    count: int,
    clips: Sequence[Clip],
    cards: Sequence[Words],
    least: float,
    chance: random.Random,
) -> tuple[Shot, ...]:
    """Photos are taken off the end of `photos`: so many, and more until the film is `least` seconds long."""
    own = [_still(photos.pop(), chance) for _ in range(count)]
    own += [Shot(start=0, end=frames(clip.seconds), source=clip) for clip in clips]
    for number, card in enumerate(cards):
        if number % 2 == chance.randint(0, 1):
            own.append(Shot(start=0, end=frames(chance.uniform(*WRITTEN_SECONDS)), source=None, words=card))
        else:
            own.append(replace(_still(photos.pop(), chance), words=card))
    chance.shuffle(own)
    while sum(shot.end for shot in own) < least:
        own.append(_still(photos.pop(), chance))
    clock, placed = 0.0, []
    for shot in own:
        placed.append(replace(shot, start=clock, end=frames(clock + shot.end)))
        clock = placed[-1].end
    return tuple(placed)


def _still(photo: Photo, chance: random.Random) -> Shot:
    """A photo from 0 to how long it is shown."""
    return Shot(
        start=0,
        end=frames(chance.uniform(*PHOTO_SECONDS)),
        source=photo,
        zoom=chance.choice((0.0, 0.0, 0.08, -0.08)),
        fills=chance.random() < 0.5,
    )


def _subtitles(lines: Sequence[Words], seconds: float, chance: random.Random) -> tuple[Subtitle, ...]:
    """Spread over the film, none at the same time as another."""
    placed = []
    for number, words in enumerate(lines):
        room = seconds / len(lines)
        shown = min(chance.uniform(*WRITTEN_SECONDS), room - 1)
        start = round(number * room + chance.uniform(0, room - shown), 2)
        placed.append(Subtitle(start=start, end=round(start + shown, 2), words=words))
    return tuple(placed)


def _shuffled(things: Sequence[Thing], chance: random.Random) -> list[Thing]:
    return chance.sample(list(things), len(things))


def _dealt(things: Sequence[Thing], films: int, chance: random.Random) -> list[list[Thing]]:
    """Each to one film, as evenly as may be."""
    mixed = _shuffled(things, chance)
    return [mixed[number::films] for number in range(films)]


def _dealt_by(things: Sequence[Thing], shares: Sequence[int], chance: random.Random) -> list[list[Thing]]:
    """Each to a film drawn by what is still missing of its share."""
    dealt: list[list[Thing]] = [[] for _ in shares]
    for thing in _shuffled(things, chance):
        missing = [share / sum(shares) * len(things) - len(own) for share, own in zip(shares, dealt, strict=True)]
        chance.choices(dealt, [max(0.01, much) for much in missing])[0].append(thing)
    return dealt
