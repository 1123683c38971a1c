"""Heads that leave a part of the sounds out, and the curves that are fitted on what they make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.training.pairs import Pairs, hold_out, read_pairs
from sensorium.training.sound.curves import PAIRS, Judged, named, sound_curves
from sensorium.training.sound.head import SoundHead, SoundRecipe, fit_sound_head, means
from sensorium.training.sound.lessons import FOLDS, Material, lessons_of
from sensorium.training.sound.pictures import shown
from sensorium.training.space import SpacePlan
from sensorium.training.trunks.efficientnet import read_picture

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Pair = tuple[Modality, Modality]

ASKED = 1
"""The prompt that sounds are measured with: "the sound of {}"."""
FORMS = (0, ASKED)
"""The prompts that curves are fitted with: a bare name, as people type it, and that one."""
PICTURES = 500
"""Pictures that the picture tower's training left out too, with its seed."""


def crossed_heads(material: Material, plan: SpacePlan, recipe: SoundRecipe) -> dict[int, SoundHead]:
    """For each fold the head that did not learn from it."""
    return {fold: fit_sound_head(lessons_of(material, recipe, fold), plan, recipe) for fold in FOLDS}


def vectors_of(head: SoundHead, features: Sequence[Floats]) -> Floats:
    """float32 [n, width]: vectors of sounds, each from the mean over its blocks."""
    with torch.inference_mode():
        found: Floats = head(torch.from_numpy(means(features))).numpy()
    return found


def fitted_curves(
    material: Material, heads: Mapping[int, SoundHead], encoder: Encoder, folder: Path
) -> dict[str, Calibration]:
    """The curves of all pairs with sound. folder: of captioned pictures."""
    pairs = read_pairs(folder, "train")
    held = pairs.take(hold_out(len(pairs), PICTURES, 0)[1])
    sights = Sights(
        pictures=picture_vectors(encoder, held),
        shown=shown(held.captions, material.labels),
        captions=encoder.encode(Modality.TEXT, [texts[0] for texts in held.captions], "query"),
        told=shown([texts[:1] for texts in held.captions], material.labels),
    )
    parts: dict[Pair, list[Judged]] = {pair: [] for pair in PAIRS}
    strangers: dict[Pair, list[Floats]] = {pair: [] for pair in PAIRS}
    for fold, head in heads.items():
        for pair, judged in judged_part(material, fold, head, sights).items():
            parts[pair].append(judged)
            strangers[pair].append(judged.raw[~judged.right & judged.judged])
    return sound_curves(parts, {pair: np.concatenate(found) for pair, found in strangers.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """Pictures, and one caption of each: most have nothing to do with any sound, as in a library.

    pictures, captions: float32 [n, width]. shown, told: bool [labels, n], whether a picture shows, and its caption
    speaks of, what makes a sound.
    """

    pictures: Floats = field(repr=False)
    captions: Floats = field(repr=False)
    shown: Flags = field(repr=False)
    told: Flags = field(repr=False)


def judged_part(material: Material, fold: int, head: SoundHead, sights: Sights) -> dict[Pair, Judged]:
    """Everything that can be asked of one left-out part. Pictures and captions are judged against labelled clips."""
    clips, free = (np.flatnonzero(of == fold) for of in (material.fold_of, material.part_of))
    sounds = np.vstack(
        [
            vectors_of(head, [material.clean[at] for at in clips.tolist()]),
            vectors_of(head, [material.blocks[free][at : at + 1] for at in range(len(free))]),
        ]
    )
    scores = np.vstack([material.clip_scores[clips], material.block_scores[free]])
    labels = [*material.label_of[clips], *[-1] * len(free)]
    right, known = named(scores, labels, len(material.labels))
    raw = np.vstack([*material.prompts[list(FORMS)], sights.captions]) @ sounds.T
    told = np.zeros((len(sounds), len(sights.captions)), np.bool_)
    told[: len(clips)] = sights.told[material.label_of[clips]]
    heard = np.broadcast_to(np.arange(len(sounds))[:, None] < len(clips), told.shape)
    right_texts = np.hstack([np.tile(right, len(FORMS)), told])
    known_texts = np.hstack([np.tile(known, len(FORMS)), heard])
    alike, sure = likeness(right, known)
    seen = sights.shown[material.label_of[clips]]
    across, all_known = sounds[: len(clips)] @ sights.pictures.T, np.ones_like(seen)
    return {
        (Modality.TEXT, Modality.AUDIO): Judged(raw=raw, right=right_texts.T, judged=known_texts.T),
        (Modality.AUDIO, Modality.TEXT): Judged(raw=raw.T, right=right_texts, judged=known_texts),
        (Modality.AUDIO, Modality.AUDIO): Judged(raw=sounds @ sounds.T, right=alike, judged=sure),
        (Modality.AUDIO, Modality.IMAGE): Judged(raw=across, right=seen, judged=all_known),
        (Modality.IMAGE, Modality.AUDIO): Judged(raw=across.T, right=seen.T, judged=all_known.T),
    }


def likeness(right: Flags, known: Flags) -> tuple[Flags, Flags]:
    """Which sounds are alike, and where that is known: two bool [n, n].

    Alike are sounds with the same kinds: at least half of the kinds of either are those of the other too. Nothing is
    said of a sound without a kind, nor of a sound and itself.
    """
    rows = right.astype(np.float32)
    both = rows @ rows.T
    either = rows.sum(1)[:, None] + rows.sum(1)[None, :] - both
    alike = both >= 0.5 * np.maximum(either, 1)
    has = np.asarray(right.any(axis=1))
    sure = has[:, None] & has[None, :] & ~np.eye(len(rows), dtype=np.bool_)
    return alike & sure, sure


def picture_vectors(encoder: Encoder, pairs: Pairs) -> Floats:
    """float32 [pictures, width]."""
    blocks = [pairs.pictures[at : at + 50] for at in range(0, len(pairs), 50)]
    return np.vstack(
        [encoder.encode(Modality.IMAGE, [read_picture(path) for path in block], "piece") for block in blocks]
    )
