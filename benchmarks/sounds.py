"""`python -m benchmarks.sounds --data DIR`: how well the tower hears the part of ESC-10 that nothing learnt from.

DIR holds `esc10/meta.tsv` and `esc10/audio/`. Fold 4 has eight sounds of each of ten classes, whole, as the tower takes
them, and damaged as `sensorium.evaluation.robustness.noises` says.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.items import Modality
from sensorium.encoders.compact import CompactEncoder
from sensorium.evaluation.robustness.noises import NOISES, Noise, damage

FOLD = "4"
PROMPT = "the sound of {}"
LOUDEST = 32_768
Samples = npt.NDArray[np.int16]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sounds", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "esc10"
    encoder = CompactEncoder.load()
    assert encoder.audio_input is not None, "the encoder hears nothing"
    with (folder / "meta.tsv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row["fold"] == FOLD]
    classes = sorted({row["class"] for row in rows})
    label = np.array([classes.index(row["class"]) for row in rows])
    names = [PROMPT.format(name.replace("_", " ")) for name in classes]
    texts = encoder.encode(Modality.TEXT, names, "query")
    sounds = [read(folder / row["file"], encoder.audio_input.rate) for row in rows]
    vectors = encoder.encode(Modality.AUDIO, sounds, "piece")
    raw = vectors @ texts.T
    print(f"{encoder.space.id}, {len(rows)} sounds of {len(classes)} classes\n")
    print("| measure | value |\n| --- | --- |")
    print(f"| class by its name, accuracy | {(raw.argmax(axis=1) == label).mean():.3f} |")
    print(f"| text -> sound, P@8 (each class has 8) | {precision(raw.T, np.arange(len(classes)), label, 8):.3f} |")
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    print(f"| sound -> sound, P@5 | {precision(alike, label, label, 5):.3f} |")
    print("\n| accuracy under | counted in | by severity |\n| --- | --- | --- |")
    for noise in NOISES.values():
        found = []
        for severity, amount in enumerate(noise.amounts, 1):
            harmed = [damaged(one, encoder.audio_input.rate, noise, severity) for one in sounds]
            likeness = encoder.encode(Modality.AUDIO, harmed, "piece") @ texts.T
            found.append(f"{amount:g}: {(likeness.argmax(axis=1) == label).mean():.3f}")
        print(f"| {noise.name} | {noise.unit} | {', '.join(found)} |")
    print("\n| class | accuracy | P@8 |\n| --- | --- | --- |")
    for number, name in enumerate(classes):
        own = label == number
        right = (raw[own].argmax(axis=1) == number).mean()
        print(f"| {name} | {right:.2f} | {precision(raw.T[[number]], np.array([number]), label, 8):.2f} |")


def precision(
    raw: npt.NDArray[np.float32], asked: npt.NDArray[np.int64], label: npt.NDArray[np.int64], k: int
) -> float:
    """The mean share of right ones among the best k of each row.

    >>> precision(np.array([[0.9, 0.1, 0.8]], np.float32), np.array([1]), np.array([1, 1, 0]), 2)
    0.5
    """
    return float((label[np.argsort(-raw, axis=1)[:, :k]] == asked[:, None]).mean())


def damaged(samples: Samples, rate: int, noise: Noise, severity: int) -> Samples:
    """A damaged copy; all of it scaled where it would be clipped."""
    harmed = damage((samples / LOUDEST).astype(np.float32), rate, noise, severity)
    highest = max(1.0, float(np.abs(harmed).max()))
    found: Samples = (harmed / highest * (LOUDEST - 1)).astype(np.int16)
    return found


def read(path: Path, rate: int) -> Samples:
    """All of a sound, mixed to one channel."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(str(path)) as media:
        parts = [part.to_ndarray()[0] for frame in media.decode(audio=0) for part in resampler.resample(frame)]
    found: Samples = np.concatenate(parts)
    return found


if __name__ == "__main__":
    main()
