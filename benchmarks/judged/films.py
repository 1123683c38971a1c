"""Builds the judged films into a work folder: they hold photos that may not be passed on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from shutil import copyfile
from typing import Any

import av
import numpy as np

from benchmarks.judged.frames import HEIGHT, STILL_QUALITY, WIDTH, frames_of, still
from benchmarks.judged.listening import RATE as SAMPLES
from benchmarks.judged.listening import Sound, active, samples
from benchmarks.judged.material import Photo, captions_of, distinctive, read_material
from benchmarks.judged.plan import RATE, Film, Heard, Query, Shot, plan, queries

SEED = 8
COLUMNS = ("id", "kind", "form", "query", "film", "start", "end")
MILLISECONDS = Fraction(1, 1000)
CODECS = {
    "mp4": ("libx264", {"preset": "veryfast", "crf": "26"}, "aac", "mov_text"),
    "mkv": ("libx264", {"preset": "veryfast", "crf": "26"}, "aac", "subrip"),
    "webm": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "crf": "12"}, "libopus", "webvtt"),
}
"""For each container: codec and options of the picture, codec of the sound, codec of subtitles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """folder: where the films lie. queries: what is asked of them."""

    folder: Path
    queries: tuple[Query, ...]


def build(data: Path, work: Path, seed: int = SEED) -> Built:
    """Writes films, pictures and sounds to ask with, and `queries.tsv` into `work`; films that are there are kept.

    data: a folder with flickr8k, video, speech and esc10.
    """
    material = read_material(data)
    films = plan(material, active, seed)
    used = {shot.source.path.name for film in films for shot in film.shots if isinstance(shot.source, Photo)}
    captions = {name: own for name, own in captions_of(data / "flickr8k").items() if name in used}
    asked = queries(films, material, distinctive(captions), seed)
    folder = work / f"films-{_print_of(films)}"
    folder.mkdir(parents=True, exist_ok=True)
    (work / "asked").mkdir(exist_ok=True)
    for film in films:
        if not (folder / film.name).exists():
            encode(film, folder / film.name)
    for query in asked:
        _lay_out(query, work / "asked")
    _write(asked, work / "queries.tsv")
    return Built(folder=folder, queries=asked)


def asked_with(query: Query) -> str:
    """The name of the file that a query is asked with, "" where it is asked in words."""
    if query.source is None:
        return ""
    return f"{query.id}{query.source.suffix if isinstance(query.source, Path) else '.jpg'}"


def _print_of(films: Sequence[Film]) -> str:
    """A hash of what the films show and let hear."""
    told = [[film.name, *map(_told, film.shots), *map(_told, film.heard), *map(str, film.subtitles)] for film in films]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()[:12]


def _told(part: Shot | Heard) -> str:
    """A part of a film without the folder of its source."""
    name = part.source.path.name if part.source is not None else ""
    return str(replace(part, source=None)) + name if isinstance(part, Shot) else f"{part.start} {part.end} {name}"


def fingerprint(asked: Iterable[Query]) -> str:
    """A hash of queries, films and moments: figures can be compared where it is the same."""
    told = [
        [query.id, query.form, query.text, [[right.film, right.start, right.end] for right in query.right]]
        for query in asked
    ]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()[:16]


def _write(asked: Sequence[Query], table: Path) -> None:
    """One row for each query and right moment."""
    lines = ["\t".join(COLUMNS)]
    for query in asked:
        words = query.text or f"asked/{asked_with(query)}"
        for right in query.right:
            cells = (query.id, query.kind, query.form, words, right.film, f"{right.start:.3f}", f"{right.end:.3f}")
            lines.append("\t".join(cells))
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lay_out(query: Query, folder: Path) -> None:
    if query.source is None:
        return
    if isinstance(query.source, Path):
        copyfile(query.source, folder / asked_with(query))
    else:
        still(query.source).save(folder / asked_with(query), quality=STILL_QUALITY)


def encode(film: Film, path: Path) -> None:
    """One thread, so that the bytes are the same each time; written beside and renamed: no half film is kept."""
    picture_codec, options, sound_codec, text_codec = CODECS[path.suffix[1:]]
    partial = path.with_name("partial-" + path.name)
    with av.open(str(partial), "w") as container:
        picture = container.add_stream(picture_codec, rate=RATE, options=options)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.thread_count = 1
        sound = container.add_stream(sound_codec, rate=SAMPLES, layout="mono")
        text = container.add_mux_stream(text_codec, time_base=MILLISECONDS) if film.subtitles else None
        if text is not None:
            for packet in _lines(film, text_codec):
                packet.stream = text
                container.mux(packet)
        for packet in _seen(film, picture):
            container.mux(packet)
        for packet in _heard(film, sound):
            container.mux(packet)
    partial.rename(path)


def _seen(film: Film, stream: Any) -> Iterator[Any]:
    number = 0
    for shot in film.shots:
        for pixels in frames_of(shot):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            number += 1
            yield from stream.encode(frame)
    yield from stream.encode()


def _heard(film: Film, stream: Any) -> Iterator[Any]:
    track = mixed(film)
    for start in range(0, len(track), SAMPLES):
        frame = av.AudioFrame.from_ndarray(track[np.newaxis, start : start + SAMPLES], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLES, start, Fraction(1, SAMPLES)
        yield from stream.encode(frame)
    yield from stream.encode()


def mixed(film: Film) -> Sound:
    """The whole sound track."""
    track = np.zeros(round(film.seconds * SAMPLES), np.float32)
    for sound in film.heard:
        own = samples(sound.source.path)[round(sound.offset * SAMPLES) :]
        own = own[: round((sound.end - sound.start) * SAMPLES)]
        first = round(sound.start * SAMPLES)
        track[first : first + len(own)] += own[: len(track) - first]
    return track


def _lines(film: Film, codec: str) -> Iterator[Any]:
    """Packets of subtitles; those of MP4 start with their length (3GPP TS 26.245)."""
    for line in film.subtitles:
        data = line.words.text.encode()
        packet = av.Packet(len(data).to_bytes(2, "big") + data if codec == "mov_text" else data)
        packet.pts = packet.dts = round(line.start * 1000)
        packet.duration = round((line.end - line.start) * 1000)
        packet.time_base = MILLISECONDS
        yield packet
