"""`python -m benchmarks.sound_scores --data DIR`: how far scores of sounds, and "nothing matches", can be believed.

DIR holds `esc10/`, whose fold 4 nothing learnt from and no curve was fitted on, and `flickr8k/`, whose captions are
the questions that most people ask: of no sound at all. The library is fold 4, or all of it but one kind.
`--curves FILE` judges the curves of another manifest of the same model.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.sounds import FOLD, PROMPT, read
from sensorium.core.calibration import Calibration
from sensorium.core.items import Modality
from sensorium.encoders.compact import CompactEncoder
from sensorium.encoders.manifest import chain_name, read_manifest
from sensorium.evaluation.calibration import expected_calibration_error, reliability
from sensorium.training.pairs import read_pairs
from sensorium.training.sound.pictures import shown

FORMS = ("{}", PROMPT, "I hear {}")
CAPTIONS = 500
HITS = 10
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sound_scores", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--curves", type=Path, help="a manifest.json")
    chosen = parser.parse_args()
    encoder = CompactEncoder.load()
    sounds, kinds, label = fold(chosen.data / "esc10", encoder)
    captions = [texts[0] for texts in read_pairs(chosen.data / "flickr8k", "dev").captions][:CAPTIONS]
    told = shown([(text,) for text in captions], kinds)
    names = [form.format(kind) for form in FORMS for kind in kinds]
    asked = encoder.encode(Modality.TEXT, [*names, *captions], "query") @ sounds.T
    of_name = np.tile(np.arange(len(kinds)), len(FORMS))
    right = np.vstack([of_name[:, None] == label, told[label].T])
    curves = read_manifest(chosen.curves.parent if chosen.curves else folder_of(encoder)).calibrations
    curve = curves[chain_name(Modality.TEXT, Modality.AUDIO)]
    print(f"text -> sound, {len(sounds)} sounds, cut {curve.cut:.3f}\n\n| questions | asked | ECE | nothing matches |")
    print("| --- | --- | --- | --- |")
    known = slice(0, len(names))
    row("a name, eight right sounds", curve, asked[known], right[known])
    row("a name, one right sound", curve, *lone(asked[known], right[known]))
    row("a name, none left", curve, *without(asked[known], right[known]))
    answered = np.append(np.zeros(len(names), np.bool_), right[len(names) :].any(axis=1))
    foreign = ~right.any(axis=1)
    row("a caption that speaks of a kind", curve, asked[answered], right[answered])
    row("a caption of something else", curve, asked[foreign], right[foreign])
    row("all captions", curve, asked[len(names) :], right[len(names) :])


def fold(folder: Path, encoder: CompactEncoder) -> tuple[Floats, list[str], npt.NDArray[np.int64]]:
    """Vectors of the fold's sounds, its kinds, and the number of each sound's kind."""
    with (folder / "meta.tsv").open(encoding="utf-8", newline="") as lines:
        rows = [one for one in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if one["fold"] == FOLD]
    kinds = sorted({one["class"] for one in rows})
    assert encoder.audio_input is not None, "the encoder hears nothing"
    heard = [read(folder / one["file"], encoder.audio_input.rate) for one in rows]
    vectors = encoder.encode(Modality.AUDIO, heard, "piece")
    return vectors, [kind.replace("_", " ") for kind in kinds], np.array([kinds.index(one["class"]) for one in rows])


def folder_of(encoder: CompactEncoder) -> Path:
    """Where the shipped manifest lies."""
    import sensorium.encoders

    return Path(sensorium.encoders.__path__[0]) / "weights" / encoder.space.name


def row(name: str, curve: Calibration, raw: Floats, right: Flags) -> None:
    """Prints a line: error over the first hits of all questions, and of how many it is said that nothing matches."""
    order = np.argsort(-raw, axis=1, kind="stable")[:, :HITS]
    best, truth = np.take_along_axis(raw, order, axis=1), np.take_along_axis(right, order, axis=1)
    pieces = [int(np.isfinite(values).sum()) for values in raw]
    scores = [[curve.score(float(value), n) for value in values] for values, n in zip(best, pieces, strict=True)]
    error = expected_calibration_error(reliability(np.ravel(scores), truth.ravel()))
    nothing = np.mean([not curve.matches(float(values[0]), n) for values, n in zip(best, pieces, strict=True)])
    print(f"| {name} | {len(raw)} | {error:.3f} | {nothing:.3f} |")


def lone(raw: Floats, right: Flags) -> tuple[Floats, Flags]:
    """Each question once for each of its right sounds, all the others taken out."""
    lists = [(n, kept) for n, flags in enumerate(right) for kept in np.flatnonzero(flags)]
    found = np.stack([raw[n] for n, _ in lists])
    truth = np.stack([np.arange(raw.shape[1]) == kept for _, kept in lists])
    for values, (n, kept) in zip(found, lists, strict=True):
        values[right[n] & (np.arange(raw.shape[1]) != kept)] = -np.inf
    return found, truth


def without(raw: Floats, right: Flags) -> tuple[Floats, Flags]:
    """The same questions, their right sounds taken out."""
    return np.where(right, np.float32(-np.inf), raw), np.zeros_like(right)


if __name__ == "__main__":
    main()
