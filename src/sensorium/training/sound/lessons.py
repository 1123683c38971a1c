"""All that the sound tower's head is taught with, gathered once and kept, and the lessons without a left-out part."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Samples
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.training.sound import teacher as sound_teacher
from sensorium.training.sound.audio import mixed, read_sound
from sensorium.training.sound.data import (
    LOUDEST,
    QUIETEST,
    Clip,
    Heard,
    balanced,
    chosen_samples,
    coloured,
    features_of,
    listen,
    read_esc10,
    some_of_each,
)
from sensorium.training.sound.head import SoundLessons, SoundRecipe, sharpened
from sensorium.training.sound.packages import package_sounds
from sensorium.training.sound.teacher import Teacher
from sensorium.training.sound.trunk import SoundTrunk

Floats = npt.NDArray[np.float32]

PROMPTS = ("{}", "the sound of {}", "the sound of a {}", "a recording of {}", "you can hear {}")
"""How a kind of sound may be asked for; each step of training takes one of them."""
SILENCE = "silence"
FOLDS = (1, 2, 3)
"""Of ESC-10, that are learnt from; the fourth is for measuring alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Clips of `FOLDS` and free sounds with what trunk and teacher make of them.

    clean, noisy: for each clip float32 [blocks, p]. clip_scores, block_scores: float32 [n, names] of the teacher.
    blocks: float32 [n, p] of free sounds. prompts: float32 [prompts, names + labels, width].
    """

    clips: Sequence[Clip]
    clean: Sequence[Floats]
    noisy: Sequence[Floats]
    clip_scores: Floats
    heard: Sequence[Heard]
    blocks: Floats
    names: tuple[str, ...]
    labels: tuple[str, ...]
    prompts: Floats

    @property
    def block_scores(self) -> Floats:
        return np.stack([one.scores for one in self.heard])

    @property
    def label_of(self) -> npt.NDArray[np.int64]:
        """For each clip the position of its label."""
        return np.array([self.labels.index(clip.label) for clip in self.clips], dtype=np.int64)

    @property
    def fold_of(self) -> npt.NDArray[np.int64]:
        return np.array([clip.fold for clip in self.clips], dtype=np.int64)

    @property
    def part_of(self) -> npt.NDArray[np.int64]:
        """For each free sound the fold with which it is left out: by its file, never by its block."""
        return np.array([FOLDS[int(digest(one.sound.path.name), 16) % len(FOLDS)] for one in self.heard])


def gather(esc10: Path, teacher: Path, work: Path, trunk: SoundTrunk, encoder: Encoder, seed: int = 0) -> Material:
    """Everything, computed unless it lies in `work` already. encoder: whose texts the sounds are to meet."""
    work.mkdir(parents=True, exist_ok=True)
    hears = Teacher.load(teacher)
    clips = [clip for clip in read_esc10(esc10) if clip.fold in FOLDS]
    named = [clip.path.name for clip in clips]
    heard = balanced(listen(some_of_each(package_sounds(work), seed), hears, work), seed)
    names = tuple(name.lower() for name in hears.names)
    labels = tuple(sorted({clip.label for clip in clips}))
    files = [f"{one.sound.package}/{one.sound.path.name} {one.block}" for one in heard]
    return Material(
        clips=clips,
        clean=kept_features(work, "clean", named, lambda: (read_sound(clip.path) for clip in clips), trunk),
        noisy=kept_features(work, f"noisy {seed}", named, lambda: _noisy(clips, seed), trunk),
        clip_scores=np.stack([hears.scores(read_sound(clip.path, sound_teacher.RATE)) for clip in clips]),
        heard=heard,
        blocks=np.concatenate(kept_features(work, f"blocks {seed}", files, lambda: chosen_samples(heard, seed), trunk)),
        names=names,
        labels=labels,
        prompts=prompted(encoder, [*names, *labels]),
    )


def prompted(encoder: Encoder, names: Sequence[str]) -> Floats:
    """float32 [prompts, names, width]: text vectors of kinds of sounds in every form of asking."""
    asked = [[prompt.format(name) for name in names] for prompt in PROMPTS]
    return np.stack([encoder.encode(Modality.TEXT, texts, "query") for texts in asked])


def kept_features(
    work: Path, what: str, files: Sequence[str], sounds: Callable[[], Iterator[Samples]], trunk: SoundTrunk
) -> list[Floats]:
    """What the trunk makes of sounds, read back where the same was computed before."""
    path = work / f"features-{digest(what, *files)}.npz"
    if not path.exists():
        found = features_of(sounds(), trunk)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, features=np.concatenate(found), counts=[len(rows) for rows in found])
        partial.rename(path)
    with np.load(path, allow_pickle=False) as kept:
        return np.split(kept["features"], np.cumsum(kept["counts"])[:-1])


def lessons_of(material: Material, recipe: SoundRecipe, left_out: int | None = None) -> SoundLessons:
    """The lessons, without clips and free sounds of one fold where it is named."""
    silence = material.names.index(SILENCE)
    free = material.part_of != left_out
    labels = len(material.labels)
    features, targets = [material.blocks[free]], [_padded(sharpened(material.block_scores[free], silence), labels)]
    weights = [np.ones(int(free.sum()), np.float32)]
    own = np.eye(labels, dtype=np.float32)[material.label_of]
    for position in np.flatnonzero(material.fold_of != left_out).tolist():
        named = _padded(sharpened(material.clip_scores[position : position + 1], silence), labels)
        named *= 1 - recipe.label
        named[0, -labels:] += recipe.label * own[position]
        for rows in (material.clean[position], material.noisy[position]):
            shown = np.concatenate([rows, rows.mean(axis=0, keepdims=True)])
            features.append(shown)
            targets.append(np.repeat(named, len(shown), axis=0))
            weights.append(np.full(len(shown), recipe.labelled, np.float32))
    return SoundLessons(
        features=np.concatenate(features),
        targets=np.concatenate(targets),
        weights=np.concatenate(weights),
        prompts=material.prompts,
    )


def digest(*parts: str) -> str:
    """Twelve hex digits that stand for these words."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _noisy(clips: Sequence[Clip], seed: int) -> Iterator[Samples]:
    """Each clip with noise of some colour in it."""
    for number, clip in enumerate(clips):
        draw, samples = random.Random(seed + number), read_sound(clip.path)
        noise = coloured(len(samples), draw)
        yield mixed(samples, noise, draw.uniform(QUIETEST, LOUDEST))


def _padded(targets: Floats, columns: int) -> Floats:
    return np.pad(targets, ((0, 0), (0, columns)))
