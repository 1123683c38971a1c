"""What the sound tower learns from: blocks of free sounds, some disturbed, with what the teacher hears in them."""

from __future__ import annotations

import csv
import hashlib
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.contents import Samples
from sensorium.encoders.sound import BLOCK, RATE, blocks_of
from sensorium.training.sound import teacher as sound_teacher
from sensorium.training.sound.audio import loud_blocks, mixed, narrowed, read_sound, resampled
from sensorium.training.sound.packages import PackageSound

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

OF_PACKAGE = 240
"""Most sounds of one package, so that none outweighs the others."""
OF_FILE = 2
"""Most blocks of one file."""
OF_CLASS = 90
"""Most blocks whose likeliest class is the same."""
SHORTEST = RATE // 10
SPEECH_PACKAGES = frozenset({"asterisk-core-sounds-en-wav", "klettres-data", "ktuberling-data"})

NARROW, NOISY = 0.4, 0.35
"""Shares of blocks that lose what lies above 8 kHz, and that have noise mixed in."""
QUIETEST, LOUDEST = 0.0, 20.0
"""Decibels between sound and noise."""
COLOURS = {"white": 0.0, "pink": 1.0, "brown": 2.0}


@dataclass(frozen=True, slots=True)
class Heard:
    """One block of a file and what the teacher hears in it: float32 [521]."""

    sound: PackageSound
    block: int
    scores: Floats


@dataclass(frozen=True, slots=True)
class Clip:
    """A labelled sound of ESC-10 (Piczak 2015)."""

    path: Path
    fold: int
    label: str


def read_esc10(folder: Path) -> list[Clip]:
    """All clips of the folder. label: its words, such as "dog bark"."""
    with (folder / "meta.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [Clip(folder / row["file"], int(row["fold"]), row["class"].replace("_", " ")) for row in rows]


def some_of_each(sounds: Sequence[PackageSound], seed: int) -> list[PackageSound]:
    """At most `OF_PACKAGE` sounds of each package, a quarter of that of packages of voices; drawn by chance."""
    draw, of = random.Random(seed), defaultdict(list)
    for sound in sounds:
        of[sound.package].append(sound)
    return [
        sound
        for package, own in sorted(of.items())
        for sound in draw.sample(own, min(len(own), OF_PACKAGE // 4 if package in SPEECH_PACKAGES else OF_PACKAGE))
    ]


def blocks_of_file(path: Path) -> list[Samples]:
    """The loudest blocks of a file; none where it can not be read or is too short or silent."""
    try:
        samples = read_sound(path, seconds=40.0)
    except ValueError:
        return []
    if len(samples) < SHORTEST or not samples.any():
        return []
    return loud_blocks(samples, BLOCK, OF_FILE)


def listen(sounds: Sequence[PackageSound], teacher: sound_teacher.Teacher, work: Path) -> list[Heard]:
    """What the teacher hears, kept in `work`: files are heard again only where the list of them changed."""
    key = hashlib.sha256("\n".join(f"{one.package}/{one.path.name}" for one in sounds).encode()).hexdigest()[:12]
    path = work / f"heard-{key}.npz"
    if not path.exists():
        found = [
            (number, block, teacher.scores(resampled(samples, RATE, sound_teacher.RATE)))
            for number, sound in enumerate(sounds)
            for block, samples in enumerate(blocks_of_file(sound.path))
        ]
        numbers, blocks, scores = zip(*found, strict=True)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, numbers=numbers, blocks=blocks, scores=np.stack(scores).astype(np.float16))
        partial.rename(path)
    with np.load(path, allow_pickle=False) as kept:
        rows = zip(kept["numbers"].tolist(), kept["blocks"].tolist(), kept["scores"].astype(np.float32), strict=True)
        return [Heard(sounds[number], block, scores) for number, block, scores in rows]


def balanced(heard: Sequence[Heard], seed: int, most: int = OF_CLASS) -> list[Heard]:
    """At most that many blocks of each likeliest class, drawn by chance."""
    draw, of = random.Random(seed), defaultdict(list)
    for one in heard:
        of[int(one.scores.argmax())].append(one)
    return [one for _, own in sorted(of.items()) for one in draw.sample(own, min(len(own), most))]


def disturbed(samples: Samples, others: Callable[[random.Random], Samples], draw: random.Random) -> Samples:
    """A block as it might have been recorded: perhaps with another sound or noise in it, perhaps in a narrow band."""
    if draw.random() < NOISY:
        noise = others(draw) if draw.random() < 0.4 else coloured(len(samples), draw)
        samples = mixed(samples, noise, draw.uniform(QUIETEST, LOUDEST))
    return narrowed(samples, 8_000.0) if draw.random() < NARROW else samples


def coloured(length: int, draw: random.Random, colour: str | None = None) -> Samples:
    """Noise whose power falls with frequency by the colour's power: white, pink or brown."""
    fall = COLOURS[colour or draw.choice(sorted(COLOURS))]
    noise = np.random.default_rng(draw.getrandbits(32)).standard_normal(length)
    spectrum = np.fft.rfft(noise)
    spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** (-fall / 2)
    shaped = np.fft.irfft(spectrum, length)
    noisy: Samples = np.rint(shaped / np.abs(shaped).max() * 30_000).astype(np.int16)
    return noisy


def features_of(sounds: Iterator[Samples], trunk: Any) -> list[Floats]:
    """For each sound float32 [blocks, WIDTH]."""
    found = []
    for samples in sounds:
        with torch.inference_mode():
            found.append(trunk(torch.from_numpy(blocks_of(samples))).numpy())
    return found


def chosen_samples(chosen: Sequence[Heard], seed: int) -> Iterator[Samples]:
    """The blocks themselves, disturbed by chance; the same seed gives the same."""

    def other(draw: random.Random) -> Samples:
        for _ in range(5):
            blocks = blocks_of_file(draw.choice(chosen).sound.path)
            if blocks:
                return blocks[0]
        return coloured(BLOCK, draw)

    for number, one in enumerate(chosen):
        draw = random.Random(f"{seed} {number} {one.sound.path.name}")
        blocks = blocks_of_file(one.sound.path)
        yield disturbed(np.resize(blocks[one.block], BLOCK), other, draw)
        if number % 500 == 0:
            log.info("%d of %d sounds are heard", number, len(chosen))
