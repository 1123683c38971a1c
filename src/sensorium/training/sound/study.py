"""`python -m sensorium.training.sound.study` prints the tables of `docs/sound.md`.

Choices were made on folds 1 to 3 of ESC-10, each left out in turn; fold 4 is measured with the files that are shipped.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.contents import Samples
from sensorium.core.items import Modality
from sensorium.encoders.compact import CompactEncoder
from sensorium.encoders.sound import BLOCK, RATE
from sensorium.training.pairs import read_pairs
from sensorium.training.sound import teacher as sound_teacher
from sensorium.training.sound.audio import loud_blocks, mixed, read_sound
from sensorium.training.sound.curves import SURE, UNSURE
from sensorium.training.sound.data import Clip, coloured, features_of, read_esc10
from sensorium.training.sound.fitted import ASKED, crossed_heads, picture_vectors, vectors_of
from sensorium.training.sound.head import SoundHead, SoundLessons, SoundRecipe, fit_sound_head
from sensorium.training.sound.lessons import FOLDS, PROMPTS, Material, gather, lessons_of, prompted
from sensorium.training.sound.pictures import shown
from sensorium.training.sound.publish import SoundModel
from sensorium.training.sound.teacher import Teacher
from sensorium.training.sound.trunk import SoundTrunk, fold_norms, load_trunk
from sensorium.training.space import SpacePlan
from sensorium.training.study.tables import Row, markdown

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]

RECIPES: dict[str, SoundRecipe] = {
    "as shipped": SoundRecipe(),
    "softmax scale 15": SoundRecipe(scale=15.0),
    "softmax scale 50": SoundRecipe(scale=50.0),
    "no pull to the mean of names": SoundRecipe(pull=0.0),
    "pull 1.5": SoundRecipe(pull=1.5),
    "dropout 0.6, noise 0.4": SoundRecipe(dropout=0.6, noise=0.4),
    "labels alone on clips": SoundRecipe(label=1.0),
    "clips count 4 times": SoundRecipe(labelled=4.0),
    "256 hidden units": SoundRecipe(hidden=256),
    "shared block 0.7": SoundRecipe(share=0.7),
}
DECIBELS = (20, 10, 5, 0)
LEAST_SOUNDS = 4
"""Held-out sounds in which the teacher is sure of a kind, from which that kind is measured."""
DEV_FOLD = 4


def precision_at(raw: Floats, right: npt.NDArray[np.bool_], depth: int) -> float:
    """The mean share of right ones among the best `depth` of each row.

    >>> precision_at(np.array([[0.9, 0.5, 0.1]], np.float32), np.array([[True, False, True]]), 2)
    0.5
    """
    order = np.argsort(-raw, axis=1, kind="stable")[:, :depth]
    return float(np.take_along_axis(right, order, axis=1).mean())


def average_precision(raw: Floats, right: npt.NDArray[np.bool_]) -> float:
    """The mean of the precision at each right one (TREC's), of one question.

    >>> average_precision(np.array([0.9, 0.5, 0.1], np.float32), np.array([True, False, True])).__round__(3)
    0.833
    """
    ranked = right[np.argsort(-raw, kind="stable")]
    return float((np.cumsum(ranked) / np.arange(1, len(ranked) + 1))[ranked].mean())


def figures(sounds: Floats, labels: Labels, texts: Floats) -> tuple[float, ...]:
    """Class accuracy, text -> sound P@8 and P@10, sound -> sound P@5 without the sound itself."""
    raw = texts @ sounds.T
    right = np.arange(len(texts))[:, None] == labels[None, :]
    among = sounds @ sounds.T
    np.fill_diagonal(among, -2)
    return (
        float((raw.argmax(axis=0) == labels).mean()),
        precision_at(raw, right, 8),
        precision_at(raw, right, 10),
        precision_at(among, labels[:, None] == labels[None, :], 5),
    )


HEAD = ("class accuracy", "text -> sound P@8", "P@10 (at most 0.8)", "sound -> sound P@5")


def recipes(material: Material, plan: SpacePlan) -> Iterator[Row]:
    """The mean over folds 1 to 3, each left out in turn."""
    yield ("recipe", *HEAD, "accuracy in noise of 0 to 20 dB")
    for name, recipe in RECIPES.items():
        yield (name, *_said(_crossed(material, crossed_heads(material, plan, recipe))))
    alone = {fold: fit_sound_head(_without(material, SoundRecipe(), fold), plan, SoundRecipe()) for fold in FOLDS}
    yield ("no labelled clip at all: true zero shot", *_said(_crossed(material, alone)))


def _without(material: Material, recipe: SoundRecipe, fold: int) -> SoundLessons:
    nothing = replace(material, clips=(), clean=(), noisy=(), clip_scores=material.clip_scores[:0])
    return lessons_of(nothing, recipe, fold)


def _crossed(material: Material, heads: Mapping[int, SoundHead]) -> tuple[float, ...]:
    texts, found = material.prompts[ASKED, -len(material.labels) :], []
    for fold, head in heads.items():
        chosen = np.flatnonzero(material.fold_of == fold).tolist()
        labels = material.label_of[chosen]
        clean, noisy = (vectors_of(head, [of[at] for at in chosen]) for of in (material.clean, material.noisy))
        found.append((*figures(clean, labels, texts), figures(noisy, labels, texts)[0]))
    return tuple(np.mean(found, axis=0).tolist())


def fillings(material: Material, heads: Mapping[int, SoundHead], trunk: SoundTrunk) -> Iterator[Row]:
    """Clips cut to their loudest second, over folds 1 to 3: what fills the block."""
    yield ("a second of each clip, filled up by", *HEAD)
    texts = material.prompts[ASKED, -len(material.labels) :]
    ways: dict[str, Callable[[Samples], Samples]] = {
        "repeating it": lambda samples: np.resize(samples, BLOCK),
        "zeros": lambda samples: np.pad(samples, (0, max(0, BLOCK - len(samples)))),
    }
    for name, fill in ways.items():
        found = []
        for fold, head in heads.items():
            chosen = np.flatnonzero(material.fold_of == fold).tolist()
            seconds = (loud_blocks(read_sound(material.clips[at].path), RATE, 1)[0] for at in chosen)
            vectors = vectors_of(head, features_of(map(fill, seconds), trunk))
            found.append(figures(vectors, material.label_of[chosen], texts))
        yield (name, *_said(np.mean(found, axis=0).tolist()))


def shipped(encoder: CompactEncoder, clips: Sequence[Clip], teacher: Teacher) -> Iterator[Row]:
    """Fold 4 through the encoder as it is shipped, by prompt and by noise; the teacher beside it."""
    labels, kinds = _labels(clips)
    sounds = [read_sound(clip.path) for clip in clips]
    texts = prompted(encoder, kinds)
    yield ("fold 4", *HEAD)
    clean = encoder.encode(Modality.AUDIO, sounds, "piece")
    for prompt, vectors in zip(PROMPTS, texts, strict=True):
        yield (f"`{prompt}`", *_said(figures(clean, labels, vectors)))
    for decibels in DECIBELS:
        for colour in ("white", "pink"):
            noisy = [in_noise(samples, decibels, colour, number) for number, samples in enumerate(sounds)]
            vectors = encoder.encode(Modality.AUDIO, noisy, "piece")
            yield (f"{decibels} dB, {colour} noise", *_said(figures(vectors, labels, texts[ASKED])))
    scores = np.stack([teacher.scores(read_sound(clip.path, sound_teacher.RATE)) for clip in clips])
    own = scores[:, [[name.lower() for name in teacher.names].index(TEACHER[kind]) for kind in kinds]]
    yield ("the teacher by its own classes", f"{float((own.argmax(axis=1) == labels).mean()):.3f}", "", "", "")


def in_noise(samples: Samples, decibels: float, colour: str, seed: int) -> Samples:
    """The sound with noise that many decibels below it, both over the whole clip."""
    return mixed(samples, coloured(len(samples), random.Random(seed), colour), decibels)


def by_class(encoder: CompactEncoder, clips: Sequence[Clip]) -> Iterator[Row]:
    """Fold 4, class by class."""
    labels, kinds = _labels(clips)
    sounds = encoder.encode(Modality.AUDIO, [read_sound(clip.path) for clip in clips], "piece")
    raw = prompted(encoder, kinds)[ASKED] @ sounds.T
    yield ("class", "clips named right", "text -> sound P@8", "mistaken for")
    for number, kind in enumerate(kinds):
        own = labels == number
        named = raw[:, own].argmax(axis=0)
        wrong = sorted({kinds[other] for other in named.tolist() if other != number})
        first = precision_at(raw[number : number + 1], own[None, :], 8)
        yield (kind, f"{(named == number).sum()} of {own.sum()}", f"{first:.2f}", ", ".join(wrong))


def known_names(material: Material, heads: Mapping[int, SoundHead]) -> Iterator[Row]:
    """Names of AudioSet among sounds that the head did not learn from: mean average precision over the left-out parts.

    Right is what the teacher is sure of; what it is unsure of is left out. Chance is the share of right ones.
    """
    found: dict[str, list[tuple[int, float, float]]] = {}
    for fold, head in heads.items():
        free = material.part_of == fold
        sounds = vectors_of(head, list(material.blocks[free][:, None]))
        scores = material.block_scores[free]
        raw = material.prompts[ASKED, : len(material.names)] @ sounds.T
        for number, name in enumerate(material.names):
            judged = (scores[:, number] >= SURE) | (scores[:, number] < UNSURE)
            right = scores[judged, number] >= SURE
            if right.sum() >= LEAST_SOUNDS:
                found.setdefault(name, []).append(
                    (int(right.sum()), average_precision(raw[number, judged], right), float(right.mean()))
                )
    yield ("name", "left-out sounds", "average precision", "chance")
    for name, parts in sorted(found.items(), key=lambda entry: -float(np.mean([part[1] for part in entry[1]]))):
        yield (name, str(sum(part[0] for part in parts)), *(f"{np.mean([p[at] for p in parts]):.2f}" for at in (1, 2)))


def pictures(encoder: CompactEncoder, clips: Sequence[Clip], folder: Path) -> Iterator[Row]:
    """Sounds of fold 4 that look for pictures of Flickr8k dev; right is what two captions speak of."""
    pairs = read_pairs(folder, "dev")
    found = picture_vectors(encoder, pairs)
    labels, kinds = _labels(clips)
    sounds = encoder.encode(Modality.AUDIO, [read_sound(clip.path) for clip in clips], "query")
    words = prompted(encoder, kinds)[0]
    right = shown(pairs.captions, kinds)
    yield ("sound", "pictures of 1,000", "sound -> picture P@10", "its name in words -> picture P@10", "by chance")
    for number, kind in enumerate(kinds):
        if not right[number].any():
            continue
        own = sounds[labels == number] @ found.T
        by_sound = precision_at(own, np.broadcast_to(right[number], own.shape), 10)
        by_words = precision_at(words[number : number + 1] @ found.T, right[number][None, :], 10)
        share = right[number].mean()
        yield (kind, str(right[number].sum()), f"{by_sound:.2f}", f"{by_words:.2f}", f"{share:.3f}")


def cost(out: Path, encoder: CompactEncoder, model: SoundModel, clips: Sequence[Clip]) -> Iterator[Row]:
    """What storing in 8 bits changes, how large the file is, how long a window takes."""
    sounds = [read_sound(clip.path) for clip in clips]
    started = time.process_time()
    shipped_vectors = encoder.encode(Modality.AUDIO, sounds, "piece")
    spent = time.process_time() - started
    alike = (shipped_vectors * model.encode(sounds)).sum(axis=1)
    yield ("what", "figure")
    yield ("cosine to 32-bit weights, mean and least", f"{alike.mean():.4f}, {alike.min():.4f}")
    yield ("`sound.onnx`, MB", f"{(out / 'sound.onnx').stat().st_size / 1e6:.2f}")
    yield ("processor time of a 5-second window, ms", f"{1e3 * spent / len(sounds):.0f}")


TEACHER = {
    "baby cry": "baby cry, infant cry",
    "chainsaw": "chainsaw",
    "clock tick": "tick-tock",
    "dog bark": "bark",
    "fire crackling": "crackle",
    "helicopter": "helicopter",
    "person sneeze": "sneeze",
    "rain": "rain",
    "rooster": "crowing, cock-a-doodle-doo",
    "sea waves": "waves, surf",
}


def _labels(clips: Sequence[Clip]) -> tuple[Labels, list[str]]:
    kinds = sorted({clip.label for clip in clips})
    return np.array([kinds.index(clip.label) for clip in clips], dtype=np.int64), kinds


def _said(numbers: Sequence[float]) -> Row:
    return tuple(f"{number:.3f}" for number in numbers)


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training.sound.study", description=__doc__)
    for name in ("work", "out", "esc10", "teacher", "pictures"):
        parser.add_argument(f"--{name}", type=Path, required=True, help="as for sensorium.training.sound.make")
    parser.add_argument("--recipes", action="store_true", help="the table of recipes too: some minutes more")
    parser.add_argument("--threads", type=int, default=2, help="of torch")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(chosen.threads)
    encoder, plan, trunk = CompactEncoder.load(threads=1, folder=chosen.out), SpacePlan(), load_trunk()
    fold_norms(trunk)
    material = gather(chosen.esc10, chosen.teacher, chosen.work, trunk, encoder)
    clips = [clip for clip in read_esc10(chosen.esc10) if clip.fold == DEV_FOLD]
    heads = crossed_heads(material, plan, SoundRecipe())
    model = SoundModel(trunk, fit_sound_head(lessons_of(material, SoundRecipe()), plan, SoundRecipe()))
    tables = [
        *([recipes(material, plan)] if chosen.recipes else []),
        fillings(material, heads, trunk),
        shipped(encoder, clips, Teacher.load(chosen.teacher)),
        by_class(encoder, clips),
        pictures(encoder, clips, chosen.pictures),
        cost(chosen.out, encoder, model, clips),
        known_names(material, heads),
    ]
    for table in tables:
        for line in markdown(table):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
